//! The LSTM of TensorFlow Lite Micro's MNIST example, with the weights of its `.tflite` file and the answers of its interpreter.

use firmnet::io::safetensors::File;
use firmnet::prelude::*;

use super::published;
use super::vectors::assert_close;

network! {
    /// An image row by row.
    pub struct MnistLstm: [28, 28] -> [10] { lstm: LSTM(20), Flatten, output: Linear(10), Softmax }
}

/// `BuiltinOperator` of TensorFlow Lite's schema.
const FULLY_CONNECTED: i32 = 9;
const UNIDIRECTIONAL_SEQUENCE_LSTM: i32 = 44;

#[test]
fn tensorflows_lstm_gives_its_published_answers() {
    let Some(folder) = published::folder("tflite-micro") else { return };
    let expected = File::open(folder.join("expected.safetensors")).unwrap();
    let numbers = |name: &str| expected.tensor(name).unwrap().floats().unwrap().to_vec();
    let (x, y) = (numbers("mnist_lstm_float32.input"), numbers("mnist_lstm_float32.output"));
    assert_eq!([x.len(), y.len()], [16 * 784, 16 * 10]);

    let bytes = std::fs::read(folder.join("mnist_lstm_float32.tflite")).unwrap();
    let model = Model { bytes: &bytes };
    let mut net = MnistLstm::boxed_zero();
    // Input, forget, cell and output gate: the order is PyTorch's. It has one bias where PyTorch has the sum of two.
    let lstm = model.weights_of(UNIDIRECTIONAL_SEQUENCE_LSTM);
    let output = model.weights_of(FULLY_CONNECTED);
    let tensors = [lstm[1..5].concat(), lstm[5..9].concat(), lstm[12..16].concat(), vec![0.0; 80]];
    for (i, tensor) in tensors.iter().chain(&output[1..]).enumerate() {
        net.tensor_mut(i).copy_from_slice(tensor);
    }

    let mut memory = Workspace::new();
    for (i, (x, y)) in x.chunks_exact(784).zip(y.chunks_exact(10)).enumerate() {
        let (rows, _) = x.as_chunks();
        let found = net.forward(rows.try_into().unwrap(), &mut memory);
        assert_close(found, y, 2e-6, &format!("image {i}"));
    }
}

/// A `.tflite` file, as far as its operators and their weights: a FlatBuffer of little-endian numbers, in which a table begins with the
/// distance back to the list of its fields, and what is of any length is named by the distance to it.
struct Model<'a> {
    bytes: &'a [u8],
}

impl Model<'_> {
    /// The inputs of the only operator of a kind; empty where one is not given, or given only when the model runs.
    fn weights_of(&self, kind: i32) -> Vec<Vec<f32>> {
        let root = self.at(0);
        let (codes, graphs, buffers) =
            (self.tables(root, 1), self.tables(root, 2), self.tables(root, 4));
        let kinds: Vec<i32> =
            codes.iter().map(|&code| self.int(code, 3).max(self.byte(code, 0))).collect();
        let tensors = self.tables(graphs[0], 0);
        let mut found = self.tables(graphs[0], 3);
        found.retain(|&operator| kinds[self.int(operator, 0) as usize] == kind);
        let [operator] = found[..] else { panic!("{} operators of kind {kind}", found.len()) };
        let data = |tensor: i32| match usize::try_from(tensor) {
            Ok(tensor) => {
                let (start, len) = self.list(buffers[self.int(tensors[tensor], 2) as usize], 0);
                let (floats, _) = self.bytes[start..start + len].as_chunks();
                floats.iter().map(|&float| f32::from_le_bytes(float)).collect()
            }
            Err(_) => vec![],
        };
        let (start, len) = self.list(operator, 1);
        (0..len).map(|i| data(self.number(start + 4 * i))).collect()
    }

    /// Where field `i` of a table is, unless it is left at its default.
    fn field(&self, table: usize, i: usize) -> Option<usize> {
        let fields = table.wrapping_add_signed(-(self.number(table) as isize));
        let short =
            |at: usize| usize::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]));
        let place = 4 + 2 * i;
        let distance = if place < short(fields) { short(fields + place) } else { 0 };
        (distance > 0).then_some(table + distance)
    }

    /// Where the items of a list begin, and how many there are.
    fn list(&self, table: usize, i: usize) -> (usize, usize) {
        self.field(table, i).map_or((0, 0), |field| {
            let list = self.at(field);
            (list + 4, self.number(list) as usize)
        })
    }

    fn tables(&self, table: usize, i: usize) -> Vec<usize> {
        let (start, len) = self.list(table, i);
        (0..len).map(|i| self.at(start + 4 * i)).collect()
    }

    fn int(&self, table: usize, i: usize) -> i32 {
        self.field(table, i).map_or(0, |field| self.number(field))
    }

    fn byte(&self, table: usize, i: usize) -> i32 {
        self.field(table, i).map_or(0, |field| i32::from(self.bytes[field]))
    }

    /// What is named at `place`.
    fn at(&self, place: usize) -> usize {
        place + self.number(place) as usize
    }

    fn number(&self, place: usize) -> i32 {
        i32::from_le_bytes(*self.bytes[place..].first_chunk().unwrap())
    }
}
