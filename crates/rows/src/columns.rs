//! How statements name the columns that they read.

/// A SELECT list, for `concat!`: of each column so much that no value which the schema allows is cut. What SQL has made longer takes no
/// more memory than that, and its row does not carry the HMAC of what is read.
///
/// `columns!("h.", "h_"; fixed "size", bytes 33 "head", text 256 "log_name", texts 2048 "names")` reads columns of `h` under names
/// that begin with `h_`:
/// - `fixed`: up to 16 bytes, as numbers, booleans, UUIDs and times have; NULL where there are more
/// - `bigint`: the same for an integer of any width, as a `bigint`
/// - `bytes n`, `text n`: the first `n` bytes or characters, one more than the schema allows
/// - `texts n`: an array of at most `n` texts that together have at most `n` bytes, or NULL
/// - `mac n`: the HMAC, as `bytes n`; NULL where a `fixed` or `bigint` column of the list has more than 16 bytes. That column is read as
///   NULL, as its genuine value may be
///
/// That holds of columns `fixed` and `text` of another type, too. Of others that SQL has given another type the statement may fail.
///
/// An ORDER BY must name the table of a column: without it PostgreSQL sorts by what is read, and follows no index.
#[macro_export]
macro_rules! columns {
    ($from:literal, $to:literal; $($list:tt)+) => {
        $crate::each_column!($from, $to, ($($list)+), $($list)+)
    };
}

/// What [`columns!`] does, given its list twice: as one, and column by column.
#[doc(hidden)]
#[macro_export]
macro_rules! each_column {
    ($from:literal, $to:literal, $list:tt, $kind:ident $($most:literal)+ $(, $kinds:ident $($mosts:literal)+)* $(,)?) => {
        concat!(
            $crate::column!($from, $to, $list, $kind $($most)+)
            $(, ", ", $crate::column!($from, $to, $list, $kinds $($mosts)+))*
        )
    };
}

/// One column of [`columns!`].
#[doc(hidden)]
#[macro_export]
macro_rules! column {
    ($from:literal, $to:literal, $list:tt, fixed $name:literal) => {
        concat!($crate::fixed_value!($from, $name), " AS ", $to, $name)
    };
    ($from:literal, $to:literal, $list:tt, bigint $name:literal) => {
        concat!($crate::fixed_value!($from, $name), "::bigint AS ", $to, $name)
    };
    ($from:literal, $to:literal, $list:tt, bytes $most:literal $name:literal) => {
        concat!("substr(", $from, $name, ", 1, ", $most, ") AS ", $to, $name)
    };
    ($from:literal, $to:literal, $list:tt, text $most:literal $name:literal) => {
        concat!("left(", $from, $name, "::text, ", $most, ") AS ", $to, $name)
    };
    ($from:literal, $to:literal, ($($kinds:ident $($mosts:literal)+),+ $(,)?), mac $most:literal $name:literal) => {
        concat!(
            "CASE WHEN greatest(",
            $($crate::fixed_size!($from, $kinds $($mosts)+),)+
            "0) <= 16 THEN substr(",
            $from,
            $name,
            ", 1, ",
            $most,
            ") END AS ",
            $to,
            $name
        )
    };
    // What is stored short is unpacked only then, and may be long.
    ($from:literal, $to:literal, $list:tt, texts $most:literal $name:literal) => {
        concat!(
            "CASE WHEN pg_column_size(",
            $from,
            $name,
            ") <= 2 * ",
            $most,
            " AND cardinality(",
            $from,
            $name,
            ") <= ",
            $most,
            " AND octet_length(array_to_string(",
            $from,
            $name,
            ", '', '')) <= ",
            $most,
            " THEN ",
            $from,
            $name,
            " END AS ",
            $to,
            $name
        )
    };
}

/// What is read of a column of fixed width.
#[doc(hidden)]
#[macro_export]
macro_rules! fixed_value {
    ($from:literal, $name:literal) => {
        concat!("CASE WHEN pg_column_size(", $from, $name, ") <= 16 THEN ", $from, $name, " END")
    };
}

/// The size of a column of fixed width, with a comma behind it; nothing of others.
#[doc(hidden)]
#[macro_export]
macro_rules! fixed_size {
    ($from:literal, fixed $name:literal) => {
        concat!("pg_column_size(", $from, $name, "), ")
    };
    ($from:literal, bigint $name:literal) => {
        concat!("pg_column_size(", $from, $name, "), ")
    };
    ($from:literal, $kind:ident $($other:literal)+) => {
        ""
    };
}
