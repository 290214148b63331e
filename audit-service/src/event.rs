//! Events as this service takes them: `tlog`'s, with narrower rules for what may stand in their fields.

pub(crate) mod rules;
