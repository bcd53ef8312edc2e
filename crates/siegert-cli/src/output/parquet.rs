//! Tables as Parquet files, block by block.

use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::file::AtomicFile;
use super::table::{Column, Table, Values};
use crate::failure::Failure;

/// A Parquet file in the making; every block becomes one row group.
pub(crate) struct ParquetWriter {
    writer: SerializedFileWriter<AtomicFile>,
}

/// Refuses a file of Parquet where none can be written; here it can.
pub(crate) fn accept(_: &Path) -> Result<(), Failure> {
    Ok(())
}

impl ParquetWriter {
    /// Starts a file with the columns of `table`, of which no row is written yet.
    pub(crate) fn new(file: AtomicFile, table: &Table) -> Result<Self, Failure> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("siegert ", env!("CARGO_PKG_VERSION")).to_string());
        let writer = schema(table)
            .and_then(|schema| SerializedFileWriter::new(file, schema, Arc::new(properties.build())))
            .map_err(failure)?;
        Ok(Self { writer })
    }

    /// Appends rows; the columns must be those of the start.
    pub(crate) fn write(&mut self, table: &Table) -> Result<(), Failure> {
        self.write_group(table).map_err(failure)
    }

    fn write_group(&mut self, table: &Table) -> ParquetResult<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &table.columns {
            if let Some(mut writer) = group.next_column()? {
                write_column(&mut writer, &column.values)?;
                writer.close()?;
            }
        }
        group.close().map(drop)
    }

    /// Writes the end of the file and hands it back.
    pub(crate) fn finish(self) -> Result<AtomicFile, Failure> {
        self.writer.into_inner().map_err(failure)
    }
}

fn write_column(writer: &mut SerializedColumnWriter<'_>, values: &Values) -> ParquetResult<usize> {
    match values {
        Values::Numbers(values) => {
            let values: Vec<Option<f64>> = values.iter().map(|&value| Some(value).filter(|x| !x.is_nan())).collect();
            let (levels, present) = levels(&values);
            writer.typed::<DoubleType>().write_batch(&present, Some(&levels), None)
        }
        Values::Integers(values) => {
            let (levels, present) = levels(values);
            writer.typed::<Int64Type>().write_batch(&present, Some(&levels), None)
        }
        Values::Flags(values) => {
            let (levels, present) = levels(values);
            writer.typed::<BoolType>().write_batch(&present, Some(&levels), None)
        }
        Values::Texts(values) => {
            let values: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(value.as_str())).collect();
            writer.typed::<ByteArrayType>().write_batch(&values, None, None)
        }
        Values::Names { names, which } => {
            let names: Vec<ByteArray> = names.iter().map(|name| ByteArray::from(name.as_str())).collect();
            // clones of a name share its bytes
            let values: Vec<ByteArray> = which.iter().map(|&name| names[name as usize].clone()).collect();
            writer.typed::<ByteArrayType>().write_batch(&values, None, None)
        }
        Values::Unsigned(values) => {
            // the format keeps unsigned numbers as signed ones of the same bits
            let values: Vec<i32> = values.iter().map(|value| value.cast_signed()).collect();
            writer.typed::<Int32Type>().write_batch(&values, None, None)
        }
    }
}

/// A definition level of 0 is a missing value, which has no entry among the values.
fn levels<T: Copy>(values: &[Option<T>]) -> (Vec<i16>, Vec<T>) {
    let levels = values.iter().map(|value| i16::from(value.is_some())).collect();
    (levels, values.iter().copied().flatten().collect())
}

fn schema(table: &Table) -> ParquetResult<TypePtr> {
    let fields = table.columns.iter().map(field).collect::<ParquetResult<Vec<TypePtr>>>()?;
    Ok(Arc::new(Type::group_type_builder("siegert").with_fields(fields).build()?))
}

fn field(column: &Column) -> ParquetResult<TypePtr> {
    let (physical, repetition, logical) = match column.values {
        Values::Numbers(_) => (PhysicalType::DOUBLE, Repetition::OPTIONAL, None),
        Values::Integers(_) => (PhysicalType::INT64, Repetition::OPTIONAL, None),
        Values::Flags(_) => (PhysicalType::BOOLEAN, Repetition::OPTIONAL, None),
        Values::Texts(_) | Values::Names { .. } => {
            (PhysicalType::BYTE_ARRAY, Repetition::REQUIRED, Some(LogicalType::String))
        }
        Values::Unsigned(_) => (PhysicalType::INT32, Repetition::REQUIRED, Some(LogicalType::integer(32, false))),
    };
    let builder = Type::primitive_type_builder(&column.name, physical);
    Ok(Arc::new(builder.with_repetition(repetition).with_logical_type(logical).build()?))
}

fn failure(error: ParquetError) -> Failure {
    Failure::Work(format!("the Parquet file cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rates.parquet");
        let table = Table {
            columns: vec![
                Column::integers("state", [1, 2].into_iter()),
                Column::flags("stable", [true, false].into_iter()),
                Column::texts("population", ["E", "I"].into_iter()),
                Column::numbers("cv", [Some(0.7), None].into_iter()),
            ],
        };
        let mut writer = ParquetWriter::new(AtomicFile::create(&path).unwrap(), &table).unwrap();
        writer.write(&table).unwrap();
        writer.finish().unwrap().commit().unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].get_long(0).unwrap(), rows[0].get_bool(1).unwrap()), (1, true));
        assert_eq!((rows[1].get_string(2).unwrap().as_str(), rows[0].get_double(3).unwrap()), ("I", 0.7));
        assert!(rows[1].get_double(3).is_err(), "a missing number is null");
    }
}
