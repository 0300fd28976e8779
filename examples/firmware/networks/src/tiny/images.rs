//! MLPerf Tiny's image classification: a residual network (He et al. 2015) of eight layers.

use firmnet::prelude::*;

network! {
    /// The ten classes of CIFAR-10.
    #[quantize(i8)]
    pub struct ResNet8 {
        conv1: Conv2d(16, 3, padding = 1),
        conv2: Conv2d(16, 3, padding = 1),
        conv3: Conv2d(16, 3, padding = 1),
        conv4: Conv2d(32, 3, stride = 2),
        conv5: Conv2d(32, 3, padding = 1),
        short5: Conv2d(32, 1, stride = 2),
        conv6: Conv2d(64, 3, stride = 2),
        conv7: Conv2d(64, 3, padding = 1),
        short7: Conv2d(64, 1, stride = 2),
        fc: Linear(10),
    }
    fn forward(image: [3, 32, 32]) -> [10] {
        let x = ReLU(conv1(image));
        let y = conv3(ReLU(conv2(x)));
        let x = ReLU(x + y);
        let y = conv5(ReLU(conv4(ZeroPad2d((0, 1, 0, 1))(x))));
        let x = ReLU(short5(x) + y);
        let y = conv7(ReLU(conv6(ZeroPad2d((0, 1, 0, 1))(x))));
        let x = ReLU(short7(x) + y);
        Softmax(fc(Flatten(AdaptiveAvgPool2d(1)(x))))
    }
}
