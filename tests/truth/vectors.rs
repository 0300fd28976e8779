//! The vectors that `tests/vectors/generate.py` wrote.

use std::path::Path;

use serde_json::Value;

/// One case of a file: numbers by name.
#[derive(Debug)]
pub struct Case(Value);

/// The cases of `tests/vectors/{file}`.
pub fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut value: Value = serde_json::from_slice(&text).expect(file);
    assert!(value["generated_by"].as_str().is_some_and(|by| by.starts_with("generate.py, torch")));
    let Value::Array(cases) = value["cases"].take() else { panic!("{file}: no cases") };
    assert!(!cases.is_empty(), "{file}: no cases");
    cases.into_iter().map(Case).collect()
}

impl Case {
    /// What is called `key`, or nothing.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// The part of this case that is called `key`.
    pub fn part(&self, key: &str) -> Case {
        Case(self.expect(key).clone())
    }

    pub fn text(&self, key: &str) -> &str {
        self.expect(key).as_str().expect(key)
    }

    /// A number as it was written, if it is there.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key).map(|value| value.as_f64().expect(key))
    }

    /// The numbers of a tensor in memory order, whatever its shape.
    pub fn numbers(&self, key: &str) -> Vec<f32> {
        numbers(self.expect(key))
    }

    /// The numbers of each tensor in a list.
    pub fn list(&self, key: &str) -> Vec<Vec<f32>> {
        let tensors = self.expect(key).as_array().expect(key);
        tensors.iter().map(numbers).collect()
    }

    /// The numbers of each tensor in a dictionary, by name.
    pub fn dictionary(&self, key: &str) -> Vec<(String, Vec<f32>)> {
        let Value::Object(tensors) = self.expect(key) else { panic!("{key} has no names") };
        let named = tensors.iter();
        named.map(|(name, tensor)| (name.clone(), numbers(tensor))).collect()
    }

    /// The size of the last axis of a tensor.
    pub fn width(&self, key: &str) -> usize {
        let mut row = self.expect(key);
        while let Some(first) = row.get(0).filter(|first| first.is_array()) {
            row = first;
        }
        row.as_array().expect(key).len()
    }

    /// Indices or sizes.
    pub fn indices(&self, key: &str) -> Vec<usize> {
        self.numbers(key).iter().map(|&number| number as usize).collect()
    }

    fn expect(&self, key: &str) -> &Value {
        self.get(key).unwrap_or_else(|| panic!("no `{key}` in {}", self.name()))
    }

    /// The short entries of this case, to say which one it is.
    pub fn name(&self) -> String {
        let Value::Object(entries) = &self.0 else { return self.0.to_string() };
        let short = entries.iter().map(|(key, value)| format!("{key}: {value}"));
        short.filter(|entry| entry.len() < 100).collect::<Vec<_>>().join(", ")
    }
}

fn numbers(value: &Value) -> Vec<f32> {
    let mut numbers = Vec::new();
    flatten(value, &mut numbers);
    numbers
}

fn flatten(value: &Value, numbers: &mut Vec<f32>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| flatten(value, numbers)),
        // What is not finite is written as `inf`, `-inf` or `nan`.
        Value::String(value) => numbers.push(value.parse().expect("a number")),
        value => numbers.push(value.as_f64().expect("a number") as f32),
    }
}

/// Every number within `tolerance` times the largest expected one.
#[track_caller]
pub fn assert_close(actual: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}: as many numbers");
    let scale = expected.iter().fold(0.0_f32, |scale, x| scale.max(x.abs()));
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        let near = (a - e).abs() <= tolerance * scale;
        assert!(near, "{what}: number {i} is {a}, not {e} (scale {scale})");
    }
}
