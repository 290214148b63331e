//! Objects of Kubernetes as they are rendered, and the few views of them that several checks need.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What may go wrong where manifests are read.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Labels by name.
pub(crate) type Labels = BTreeMap<String, String>;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object(Value);

impl Object {
    /// All objects of a stream of YAML documents.
    pub(crate) fn read_all(text: &str) -> Result<Vec<Self>, Error> {
        let documents: Vec<Value> = serde_saphyr::from_multiple(text)?;
        Ok(documents.into_iter().filter(|document| !document.is_null()).map(Self).collect())
    }

    pub(crate) fn kind(&self) -> &str {
        self.text("/kind")
    }

    pub(crate) fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Empty where the object belongs to the whole cluster.
    pub(crate) fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Kind and name, for people.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.kind(), self.name())
    }

    /// What makes it the same object when it is applied again.
    pub(crate) fn identity(&self) -> (String, String, String) {
        (self.kind().to_owned(), self.namespace().to_owned(), self.name().to_owned())
    }

    /// The value at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// The text at a JSON pointer; empty where there is none.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number at a JSON pointer.
    pub(crate) fn number(&self, pointer: &str) -> Option<u64> {
        self.at(pointer).and_then(Value::as_u64)
    }

    /// The list at a JSON pointer; empty where there is none.
    pub(crate) fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The labels or the selector at a JSON pointer; empty where there are none.
    pub(crate) fn labels(&self, pointer: &str) -> Labels {
        Self::labels_of(self.at(pointer))
    }

    /// The labels in a value.
    pub(crate) fn labels_of(value: Option<&Value>) -> Labels {
        let map = value.and_then(Value::as_object);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        map.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The whole of it as a closed type, so that no field is overlooked.
    pub(crate) fn parse<T: DeserializeOwned>(&self, pointer: &str) -> Result<T, Error> {
        let value = self.at(pointer).ok_or_else(|| format!("{}: there is no {pointer}", self.title()))?;
        serde_json::from_value(value.clone()).map_err(|error| format!("{}: {error}", self.title()).into())
    }

    /// Puts a text where there is one already.
    #[cfg(test)]
    pub(crate) fn set(&mut self, pointer: &str, value: Value) {
        *self.0.pointer_mut(pointer).unwrap() = value;
    }

    /// Takes a field out.
    #[cfg(test)]
    pub(crate) fn remove(&mut self, pointer: &str) {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        self.0.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    }
}

/// The objects of a kind.
pub(crate) fn of_kind<'a>(objects: &'a [Object], kind: &'a str) -> impl Iterator<Item = &'a Object> {
    objects.iter().filter(move |object| object.kind() == kind)
}

/// The object of that kind, namespace and name.
pub(crate) fn find<'a>(objects: &'a [Object], kind: &str, namespace: &str, name: &str) -> Option<&'a Object> {
    objects.iter().find(|object| object.kind() == kind && object.namespace() == namespace && object.name() == name)
}

/// Whether labels have everything that a plain selector wants.
pub(crate) fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(name, value)| labels.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_document_by_document() {
        let text = "kind: A\nmetadata:\n  name: x\n---\n---\nkind: B\nmetadata:\n  namespace: m\n  name: z\n";
        let objects = Object::read_all(text).unwrap();
        assert_eq!(objects.iter().map(Object::title).collect::<Vec<_>>(), ["A x", "B z"]);
        assert!(find(&objects, "B", "m", "z").is_some());
        assert!(find(&objects, "B", "", "z").is_none());
    }

    #[test]
    fn a_selector_wants_all_of_its_labels() {
        let labels = |pairs: &[(&str, &str)]| -> Labels {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert!(selects(&labels(&[("a", "1")]), &labels(&[("a", "1"), ("b", "2")])));
        assert!(!selects(&labels(&[("a", "1"), ("b", "2")]), &labels(&[("a", "1")])));
        assert!(selects(&Labels::new(), &Labels::new()));
    }
}
