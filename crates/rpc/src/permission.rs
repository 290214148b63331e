//! Permissions as types.

/// A permission of the API, such as `records.create`.
pub trait Permission: Send + Sync + 'static {
    /// Its name, as in the method options of `proto/`.
    const NAME: &'static str;
}

/// Declares a type for each permission: `rpc::permissions! { RecordsCreate = "records.create", … }`.
#[macro_export]
macro_rules! permissions {
    ($($(#[$meta:meta])* $name:ident = $value:literal),+ $(,)?) => {$(
        $(#[$meta])*
        #[doc = concat!("The permission `", $value, "`.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl $crate::Permission for $name {
            const NAME: &'static str = $value;
        }
    )+};
}

permissions! {
    /// What every accepted certificate may do: ask about itself.
    AccessSelf = "access.self",
}
