//! The JSON Schema of `crumbcheck/report/1`, made from the types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::model::{self, Report};

/// Where the schema is published, relative to the project; also its `$id`.
pub const PATH: &str = "schemas/report-1.schema.json";

/// The schema of one report, as JSON. `--report json` writes one report, or a list of them.
pub fn schema() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Report>();
    schema.insert("$id".to_owned(), Value::from(PATH));
    schema.insert("title".to_owned(), Value::from(model::SCHEMA));
    // A document must name its format, so that a reader of the next one does not take it for this.
    if let Some(Value::Object(name)) = schema.pointer_mut("/properties/schema") {
        name.insert("const".to_owned(), Value::from(model::SCHEMA));
    }
    format!("{:#}\n", one_or_several(schema.to_value()))
}

/// One target is an object, several are a list of such objects: either validates.
fn one_or_several(mut schema: Value) -> Value {
    let Value::Object(whole) = &mut schema else { return schema };
    let outer = ["$schema", "$id", "title", "$defs"];
    let inner: Map<String, Value> = whole
        .iter()
        .filter(|(name, _)| !outer.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    whole.retain(|name, _| outer.contains(&name.as_str()));
    if let Some(Value::Object(definitions)) = whole.get_mut("$defs") {
        definitions.insert("Report".to_owned(), Value::Object(inner));
    }
    let report = json!({ "$ref": "#/$defs/Report" });
    whole.insert("anyOf".to_owned(), json!([report, { "type": "array", "items": report }]));
    schema
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::Value;

    use super::{super::testing, PATH, schema};

    /// Set `UPDATE_SCHEMA=1` and run the test again to write the file again.
    #[test]
    fn the_published_schema_is_that_of_the_types() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            fs::write(&path, schema()).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == schema(),
            "{PATH} is not the schema of the types in src/report/model.rs; if the change is meant \
             and adds to the format only, write it again with \
             `UPDATE_SCHEMA=1 cargo test --lib report::schema`"
        );
    }

    #[test]
    fn every_sample_report_validates() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for report in
            [testing::flagship(), testing::clean(), testing::unreachable(), testing::hostile()]
        {
            let report = serde_json::to_value(report).unwrap();
            let errors: Vec<_> =
                validator.iter_errors(&report).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }

    #[test]
    fn what_several_targets_write_validates_too() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let list = serde_json::to_value([testing::flagship(), testing::clean()]).unwrap();
        assert!(jsonschema::is_valid(&schema, &list));
        let mut wrong = list;
        wrong[1].as_object_mut().unwrap().remove("scan");
        assert!(!jsonschema::is_valid(&schema, &wrong));
    }

    #[test]
    fn a_report_of_another_format_does_not_validate() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let mut report = serde_json::to_value(testing::flagship()).unwrap();
        report["schema"] = Value::from("crumbcheck/report/2");
        assert!(!jsonschema::is_valid(&schema, &report));
    }

    #[test]
    fn a_category_without_a_basis_does_not_validate() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let mut report = serde_json::to_value(testing::flagship()).unwrap();
        report["cookies"][0].as_object_mut().unwrap().remove("basis");
        assert!(!jsonschema::is_valid(&schema, &report));
    }
}
