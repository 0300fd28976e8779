//! rten on the networks of `export.py`; `compare.py` talks to it.
//!
//! `peer-rten FOLDER`

#[path = "../../../work/numbers.rs"]
#[allow(dead_code)]
mod numbers;
#[path = "../../protocol.rs"]
mod protocol;

use std::path::Path;

use numbers::{numbers, words};
use protocol::{Runs, Timed, serve};
use rten::{Model, ModelOptions, Value};
use rten_tensor::Tensor;

fn main() {
    let folder = std::env::args().nth(1).expect("peer-rten FOLDER");
    serve(|name| make(Path::new(&folder), name));
}

fn make(folder: &Path, name: &str) -> Option<Box<dyn Timed>> {
    let of_floats = |shape: &[usize]| -> Value {
        Tensor::from_data(shape, numbers(shape.iter().product(), 1)).into()
    };
    let x = match name {
        "w1a" => of_floats(&[1, 16]),
        "w1b" => of_floats(&[1, 784]),
        "w2-inference-1" => of_floats(&[1, 1, 28, 28]),
        "w2-inference-64" => of_floats(&[64, 1, 28, 28]),
        "w3-inference" => {
            Tensor::from_data(&[1, 30], words().map(|word| word as i32).to_vec()).into()
        }
        "w5" => return Some(Box::new(audio(load(folder, name)))),
        "w6-inference" => of_floats(&[1, 64, 64]),
        "w8" => of_floats(&[1, 3, 32, 32]),
        _ => return None,
    };
    let model = load(folder, name);
    let ([input], [output]) = ([model.input_ids()[0]], [model.output_ids()[0]]);
    let run = move || {
        let [y] =
            model.run_n([(input, x.as_view().into())].into(), [output], None).expect("a pass");
        floats(y)
    };
    Some(Box::new(Runs { checked: 1, run }))
}

/// W5: a sample of audio goes in, and the state comes back.
fn audio(model: Model) -> Runs<impl FnMut() -> Vec<f32>> {
    let (samples, mut next) = (numbers(1024, 1), 0);
    let state = || Value::from(Tensor::<f32>::zeros(&[1, 1, 20]));
    let (mut h, mut c) = (state(), state());
    let ids = |ids: &[rten::NodeId]| -> [rten::NodeId; 3] { ids.try_into().expect("x, h, c") };
    let ([x_id, h_id, c_id], outputs) = (ids(model.input_ids()), ids(model.output_ids()));
    let run = move || {
        let x = Value::from(Tensor::from_data(&[1, 1, 1], vec![samples[next]]));
        next = (next + 1) % samples.len();
        let inputs =
            [(x_id, x.as_view().into()), (h_id, h.as_view().into()), (c_id, c.as_view().into())];
        let y;
        [y, h, c] = model.run_n(inputs.into(), outputs, None).expect("a pass");
        floats(y)
    };
    Runs { checked: 64, run }
}

fn load(folder: &Path, name: &str) -> Model {
    let options = ModelOptions::with_all_ops().prepack_weights(true).clone();
    options.load_file(folder.join(name).with_extension("onnx")).expect("what export.py writes")
}

fn floats(y: Value) -> Vec<f32> {
    Tensor::try_from(y).expect("floats").into_data()
}
