//! MLPerf Tiny's anomaly detection: what an autoencoder does not give back is out of the ordinary.

use firmnet::prelude::*;

network! {
    /// Five frames of 128 log-mel energies of a machine's sound, and the same again.
    #[quantize(i8)]
    pub struct AutoEncoder: [640] -> [640] {
        fc1: Linear(128), ReLU,
        fc2: Linear(128), ReLU,
        fc3: Linear(128), ReLU,
        fc4: Linear(128), ReLU,
        fc5: Linear(8), ReLU,
        fc6: Linear(128), ReLU,
        fc7: Linear(128), ReLU,
        fc8: Linear(128), ReLU,
        fc9: Linear(128), ReLU,
        fc10: Linear(640),
    }
}
