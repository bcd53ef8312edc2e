//! tbd
use super::ExportError;
use super::described::Described;
pub(super) fn script(_: &Described<'_>) -> Result<String, ExportError> {
    Ok(String::new())
}
