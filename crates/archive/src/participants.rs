//! Converts participants to columns.

use std::sync::LazyLock;

use parquet::data_type::ByteArray;
use rollcall_model::{Field, FieldKind, Participant, with_participant_fields};
use serde::Serialize;

use crate::{
    column::{Column, ColumnKind, Layout, instance_columns},
    encode::Block,
};

/// The columns of the attendance's key, after those of the instance.
pub(crate) const USER_ID: usize = 3;
pub(crate) const JOIN_TIME: usize = 4;

const FIELDS: &[Field] = Participant::FIELDS;

/// The columns of all other fields, in the order of [`Participant::FIELDS`]: in files, fields are sorted by kind. Extras
/// have no column; they stay in the database.
pub(crate) const PLACES: [usize; FIELDS.len()] = {
    let mut places = [JOIN_TIME + 1; FIELDS.len()];
    let mut field = 0;
    while field < FIELDS.len() {
        let mut other = 0;
        while other < FIELDS.len() {
            let (kind, before) = (FIELDS[field].kind as u8, FIELDS[other].kind as u8);
            if before < kind || before == kind && other < field {
                places[field] += 1;
            }
            other += 1;
        }
        field += 1;
    }
    places
};

/// The columns of participants, in the order of the files.
pub(crate) static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let mut columns = Vec::from(instance_columns());
    columns.extend([
        Column::new("user_id", ColumnKind::Text, Layout::Plain, "id of the attendance within the instance").required(),
        Column::new("join_time", ColumnKind::Timestamp, Layout::Delta, "when the attendance began; NULL if unknown"),
    ]);
    let mut fields: Vec<_> = FIELDS.iter().collect();
    fields.sort_by_key(|field| field.kind);
    columns.extend(fields.into_iter().filter_map(column));
    columns
});

fn column(field: &Field) -> Option<Column> {
    let (kind, layout) = match field.kind {
        FieldKind::Time => (ColumnKind::Timestamp, Layout::Delta),
        FieldKind::Text => (ColumnKind::Text, Layout::Dictionary),
        FieldKind::Flag => (ColumnKind::Boolean, Layout::Plain),
        FieldKind::Number => (ColumnKind::Long, Layout::Dictionary),
        FieldKind::List => (ColumnKind::Json, Layout::Dictionary),
        FieldKind::Extras => return None,
    };
    let name = match field.name {
        "group_id" => "groupId",
        "join_time_cost_ms" => "total_jointime_cost_ms",
        name => name,
    };
    Some(Column::new(name, kind, layout, field.meaning))
}

macro_rules! put_field {
    (T, $block:ident, $place:expr, $value:ident) => {
        $block.put_text($place, text($value));
    };
    (Timestamp, $block:ident, $place:expr, $value:ident) => {
        $block.put_i64($place, $value.as_millis());
    };
    (bool, $block:ident, $place:expr, $value:ident) => {
        $block.put_bool($place, *$value);
    };
    (i64, $block:ident, $place:expr, $value:ident) => {
        $block.put_i64($place, *$value);
    };
    (Extras, $block:ident, $place:expr, $value:ident) => {
        let _ = ($place, $value);
    };
    ($list:ident, $block:ident, $place:expr, $value:ident) => {
        put_list($block, $place, $value);
    };
}

macro_rules! define_put {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// Writes a participant's values to the block's current row, after those of its instance.
        pub(crate) fn put_participant<T: AsRef<[u8]>>(block: &mut Block, participant: &Participant<T>) {
            block.put_text(USER_ID, text(&participant.user_id));
            if let Some(time) = participant.join_time {
                block.put_i64(JOIN_TIME, time.as_millis());
            }
            let mut places = PLACES.into_iter();
            $(if let (Some(place), Some(value)) = (places.next(), &participant.$field) {
                put_field! { $type, block, place, value }
            })*
        }
    };
}
with_participant_fields!(define_put);

fn text(bytes: &impl AsRef<[u8]>) -> ByteArray {
    ByteArray::from(&*String::from_utf8_lossy(bytes.as_ref()))
}

fn put_list(block: &mut Block, place: usize, list: &impl Serialize) {
    // Lists of strings and of structs of strings, which can always be serialised.
    if let Ok(json) = serde_json::to_vec(list) {
        block.put_text(place, ByteArray::from(json));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_the_column_of_its_place() {
        assert_eq!(instance_columns().len(), USER_ID);
        assert_eq!((&*COLUMNS[USER_ID].name, &*COLUMNS[JOIN_TIME].name), ("user_id", "join_time"));
        for (field, place) in FIELDS.iter().zip(PLACES) {
            assert_eq!(COLUMNS.get(place), column(field).as_ref(), "{}", field.name);
        }
    }
}
