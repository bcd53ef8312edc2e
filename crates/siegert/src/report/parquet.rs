//! Tables as Parquet files, block by block.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::{Map, Value};

use super::Provenance;
use super::table::{Column, Table, Values};

/// A Parquet file in the making; every block becomes one row group.
pub struct ParquetWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Starts a file with the columns of `table`, of which no row is written yet. The file's metadata have the unit of each column that has
    /// one (`units`, an object in JSON), and what the rows are of (`siegert`, the [`Provenance`] in JSON).
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn new(out: W, table: &Table, provenance: Option<&Provenance>) -> ParquetResult<Self> {
        let units = table.columns.iter().filter(|column| !column.unit.is_empty());
        let units: Map<String, Value> =
            units.map(|column| (column.name.to_string(), Value::from(column.unit.as_ref()))).collect();
        let mut said = vec![KeyValue::new("units".to_string(), Value::Object(units).to_string())];
        // plain data has a text
        said.extend(provenance.map(|of| KeyValue::new("siegert".to_string(), serde_json::to_string(of).ok())));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("siegert ", env!("CARGO_PKG_VERSION")).to_string())
            .set_key_value_metadata(Some(said));
        Ok(Self { writer: SerializedFileWriter::new(out, schema(table)?, Arc::new(properties.build()))? })
    }

    /// Appends rows; the columns must be those of the start.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write(&mut self, table: &Table) -> ParquetResult<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &table.columns {
            if let Some(mut writer) = group.next_column()? {
                write_column(&mut writer, &column.values)?;
                writer.close()?;
            }
        }
        group.close().map(drop)
    }

    /// Writes the end of the file and hands back what it was written to.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn finish(self) -> ParquetResult<W> {
        self.writer.into_inner()
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

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;

    #[test]
    fn a_table_reads_back_as_it_was_written_and_says_its_units() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rates.parquet");
        let table = Table {
            columns: vec![
                Column::integers("state", [1, 2].into_iter()),
                Column::flags("stable", [true, false].into_iter()),
                Column::texts("population", ["E", "I"].into_iter()),
                Column::numbers("rate_hz", [Some(0.7), None].into_iter()),
            ],
        };
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ParquetWriter::new(file, &table, Some(&Provenance::default())).unwrap();
        writer.write(&table).unwrap();
        writer.finish().unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let said = reader.metadata().file_metadata().key_value_metadata().unwrap();
        assert_eq!((said[0].key.as_str(), said[0].value.as_deref()), ("units", Some("{\"rate_hz\":\"Hz\"}")));
        assert!(said[1].value.as_ref().is_some_and(|text| text.contains("\"format\"")));
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].get_long(0).unwrap(), rows[0].get_bool(1).unwrap()), (1, true));
        assert_eq!((rows[1].get_string(2).unwrap().as_str(), rows[0].get_double(3).unwrap()), ("I", 0.7));
        assert!(rows[1].get_double(3).is_err(), "a missing number is null");
    }
}
