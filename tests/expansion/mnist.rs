/// The PyTorch MNIST example.
#[derive(::firmnet::layer::FromBytes)]
#[repr(C)]
pub struct MnistCnn {
    /// `Conv2d`.
    pub conv1: __MnistCnnConv1,
    /// `Conv2d`.
    pub conv2: __MnistCnnConv2,
    /// `Linear`.
    pub fc1: __MnistCnnFc1,
    /// `Linear`.
    pub fc2: __MnistCnnFc2,
}
type __MnistCnnConv1Word = Conv2d;
type __MnistCnnConv1Kind = ::firmnet::kind!(__MnistCnnConv1Word, "Conv2d");
type __MnistCnnReLUWord = ReLU;
type __MnistCnnReLU = ::firmnet::kind!(__MnistCnnReLUWord, "ReLU");
type __MnistCnnConv2Word = Conv2d;
type __MnistCnnConv2Kind = ::firmnet::kind!(__MnistCnnConv2Word, "Conv2d");
type __MnistCnnReLUWord2 = ReLU;
type __MnistCnnReLU2 = ::firmnet::kind!(__MnistCnnReLUWord2, "ReLU");
type __MnistCnnMaxPool2dWord = MaxPool2d;
type __MnistCnnMaxPool2d = ::firmnet::kind!(__MnistCnnMaxPool2dWord, "MaxPool2d");
type __MnistCnnDropout2dWord = Dropout2d;
type __MnistCnnDropout2d = ::firmnet::kind!(__MnistCnnDropout2dWord, "Dropout2d");
type __MnistCnnFlattenWord = Flatten;
type __MnistCnnFlatten = ::firmnet::kind!(__MnistCnnFlattenWord, "Flatten");
type __MnistCnnFc1Word = Linear;
type __MnistCnnFc1Kind = ::firmnet::kind!(__MnistCnnFc1Word, "Linear");
type __MnistCnnReLUWord3 = ReLU;
type __MnistCnnReLU3 = ::firmnet::kind!(__MnistCnnReLUWord3, "ReLU");
type __MnistCnnDropoutWord = Dropout;
type __MnistCnnDropout = ::firmnet::kind!(__MnistCnnDropoutWord, "Dropout");
type __MnistCnnFc2Word = Linear;
type __MnistCnnFc2Kind = ::firmnet::kind!(__MnistCnnFc2Word, "Linear");
type __MnistCnnLogSoftmaxWord = LogSoftmax;
type __MnistCnnLogSoftmax = ::firmnet::kind!(__MnistCnnLogSoftmaxWord, "LogSoftmax");
enum __MnistCnn {}
#[allow(long_running_const_eval, arithmetic_overflow, unconditional_panic)]
impl __MnistCnn {
    const INPUT: ::firmnet::shape::Shape = ::firmnet::shape::Shape::of(&[1, 28, 28]);
    const OUTPUT: ::firmnet::shape::Shape = ::firmnet::shape::Shape::of(&[10]);
    const CONV1: ::firmnet::infer::InferredOf<__MnistCnnConv1Kind> = __MnistCnnConv1Kind::args()
        .first(32)
        .second(3)
        .infer(
            ::firmnet::infer::Inputs::of("conv1", "Conv2d")
                .with("the input", Self::INPUT),
        );
    const RELU: ::firmnet::infer::InferredOf<__MnistCnnReLU> = __MnistCnnReLU::args()
        .infer(::firmnet::infer::Inputs::of("ReLU", "ReLU").after(&Self::CONV1));
    const CONV2: ::firmnet::infer::InferredOf<__MnistCnnConv2Kind> = __MnistCnnConv2Kind::args()
        .first(64)
        .second(3)
        .infer(::firmnet::infer::Inputs::of("conv2", "Conv2d").after(&Self::RELU));
    const RELU_2: ::firmnet::infer::InferredOf<__MnistCnnReLU2> = __MnistCnnReLU2::args()
        .infer(::firmnet::infer::Inputs::of("ReLU", "ReLU").after(&Self::CONV2));
    const MAXPOOL2D: ::firmnet::infer::InferredOf<__MnistCnnMaxPool2d> = __MnistCnnMaxPool2d::args()
        .first(2)
        .infer(
            ::firmnet::infer::Inputs::of("MaxPool2d", "MaxPool2d").after(&Self::RELU_2),
        );
    const DROPOUT2D: ::firmnet::infer::InferredOf<__MnistCnnDropout2d> = __MnistCnnDropout2d::args()
        .first(0.25)
        .infer(
            ::firmnet::infer::Inputs::of("Dropout2d", "Dropout2d")
                .after(&Self::MAXPOOL2D),
        );
    const FLATTEN: ::firmnet::infer::InferredOf<__MnistCnnFlatten> = __MnistCnnFlatten::args()
        .infer(
            ::firmnet::infer::Inputs::of("Flatten", "Flatten").after(&Self::DROPOUT2D),
        );
    const FC1: ::firmnet::infer::InferredOf<__MnistCnnFc1Kind> = __MnistCnnFc1Kind::args()
        .first(128)
        .infer(::firmnet::infer::Inputs::of("fc1", "Linear").after(&Self::FLATTEN));
    const RELU_3: ::firmnet::infer::InferredOf<__MnistCnnReLU3> = __MnistCnnReLU3::args()
        .infer(::firmnet::infer::Inputs::of("ReLU", "ReLU").after(&Self::FC1));
    const DROPOUT: ::firmnet::infer::InferredOf<__MnistCnnDropout> = __MnistCnnDropout::args()
        .first(0.5)
        .infer(::firmnet::infer::Inputs::of("Dropout", "Dropout").after(&Self::RELU_3));
    const FC2: ::firmnet::infer::InferredOf<__MnistCnnFc2Kind> = __MnistCnnFc2Kind::args()
        .first(10)
        .infer(::firmnet::infer::Inputs::of("fc2", "Linear").after(&Self::DROPOUT));
    const LOGSOFTMAX: ::firmnet::infer::InferredOf<__MnistCnnLogSoftmax> = __MnistCnnLogSoftmax::args()
        .infer(
            ::firmnet::infer::Inputs::of("LogSoftmax", "LogSoftmax").after(&Self::FC2),
        );
    const INPUT_IDS: bool = ::firmnet::infer::holds_ids(&[Self::CONV1.ids(0)]);
    const INPUTS: [::firmnet::shape::Shape; 1] = [Self::INPUT];
    const SHAPES: [::firmnet::shape::Shape; 1] = [Self::LOGSOFTMAX.node.output];
    const STEPS: [::firmnet::plan::Step; 12] = [
        ::firmnet::plan::Step::of(&Self::CONV1, &[0]),
        ::firmnet::plan::Step::of(&Self::RELU, &[1]),
        ::firmnet::plan::Step::of(&Self::CONV2, &[2]),
        ::firmnet::plan::Step::of(&Self::RELU_2, &[3]),
        ::firmnet::plan::Step::of(&Self::MAXPOOL2D, &[4]),
        ::firmnet::plan::Step::of(&Self::DROPOUT2D, &[5]),
        ::firmnet::plan::Step::of(&Self::FLATTEN, &[6]),
        ::firmnet::plan::Step::of(&Self::FC1, &[7]),
        ::firmnet::plan::Step::of(&Self::RELU_3, &[8]),
        ::firmnet::plan::Step::of(&Self::DROPOUT, &[9]),
        ::firmnet::plan::Step::of(&Self::FC2, &[10]),
        ::firmnet::plan::Step::of(&Self::LOGSOFTMAX, &[11]),
    ];
    const ROWS: [::firmnet::summary::Row; 12] = [
        ::firmnet::summary::Row::of(&Self::CONV1),
        ::firmnet::summary::Row::of(&Self::RELU),
        ::firmnet::summary::Row::of(&Self::CONV2),
        ::firmnet::summary::Row::of(&Self::RELU_2),
        ::firmnet::summary::Row::of(&Self::MAXPOOL2D),
        ::firmnet::summary::Row::of(&Self::DROPOUT2D),
        ::firmnet::summary::Row::of(&Self::FLATTEN),
        ::firmnet::summary::Row::of(&Self::FC1),
        ::firmnet::summary::Row::of(&Self::RELU_3),
        ::firmnet::summary::Row::of(&Self::DROPOUT),
        ::firmnet::summary::Row::of(&Self::FC2),
        ::firmnet::summary::Row::of(&Self::LOGSOFTMAX),
    ];
    const LAYERS: [::firmnet::network::Named; 4] = [
        ("conv1", <__MnistCnnConv1 as ::firmnet::layer::Layer>::TENSORS),
        ("conv2", <__MnistCnnConv2 as ::firmnet::layer::Layer>::TENSORS),
        ("fc1", <__MnistCnnFc1 as ::firmnet::layer::Layer>::TENSORS),
        ("fc2", <__MnistCnnFc2 as ::firmnet::layer::Layer>::TENSORS),
    ];
    const TENSORS: [::firmnet::layer::Tensor<
        ::firmnet::network::Name,
    >; ::firmnet::network::count(&__MnistCnn::LAYERS)] = ::firmnet::network::named(
        &Self::LAYERS,
    );
    const AS_LAYER: [::firmnet::layer::Tensor; ::firmnet::network::count(
        &__MnistCnn::LAYERS,
    )] = ::firmnet::network::as_layer(&Self::TENSORS);
}
type __MnistCnnConv1 = <__MnistCnnConv1Kind as ::firmnet::layer::Kind>::Layer<
    { __MnistCnn::CONV1.dims[0] },
    { __MnistCnn::CONV1.dims[1] },
    { __MnistCnn::CONV1.dims[2] },
    { __MnistCnn::CONV1.dims[3] },
    { __MnistCnn::CONV1.dims[4] },
    { __MnistCnn::CONV1.dims[5] },
>;
type __MnistCnnConv2 = <__MnistCnnConv2Kind as ::firmnet::layer::Kind>::Layer<
    { __MnistCnn::CONV2.dims[0] },
    { __MnistCnn::CONV2.dims[1] },
    { __MnistCnn::CONV2.dims[2] },
    { __MnistCnn::CONV2.dims[3] },
    { __MnistCnn::CONV2.dims[4] },
    { __MnistCnn::CONV2.dims[5] },
>;
type __MnistCnnFc1 = <__MnistCnnFc1Kind as ::firmnet::layer::Kind>::Layer<
    { __MnistCnn::FC1.dims[0] },
    { __MnistCnn::FC1.dims[1] },
    { __MnistCnn::FC1.dims[2] },
    { __MnistCnn::FC1.dims[3] },
    { __MnistCnn::FC1.dims[4] },
    { __MnistCnn::FC1.dims[5] },
>;
type __MnistCnnFc2 = <__MnistCnnFc2Kind as ::firmnet::layer::Kind>::Layer<
    { __MnistCnn::FC2.dims[0] },
    { __MnistCnn::FC2.dims[1] },
    { __MnistCnn::FC2.dims[2] },
    { __MnistCnn::FC2.dims[3] },
    { __MnistCnn::FC2.dims[4] },
    { __MnistCnn::FC2.dims[5] },
>;
#[allow(long_running_const_eval)]
impl ::firmnet::network::Network for MnistCnn {
    type Input = [[[f32; 28]; 28]; 1];
    type Output = [f32; 10];
    const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &__MnistCnn::TENSORS;
    const AS_LAYER: &'static [::firmnet::layer::Tensor] = &__MnistCnn::AS_LAYER;
    const INPUTS: &'static [::firmnet::shape::Shape] = &__MnistCnn::INPUTS;
    const SHAPES: &'static [::firmnet::shape::Shape] = &__MnistCnn::SHAPES;
    const STREAMS: bool = ::firmnet::plan::streams(&__MnistCnn::STEPS);
    const ROWS: &'static [::firmnet::summary::Row] = &__MnistCnn::ROWS;
    const INFERENCE: &'static ::firmnet::plan::Plan = &::firmnet::plan::inference(
        &__MnistCnn::INPUTS,
        &__MnistCnn::STEPS,
        &[12],
    );
    const TRAINING: &'static ::firmnet::plan::Plan = &::firmnet::plan::training(
        &__MnistCnn::INPUTS,
        &__MnistCnn::STEPS,
        &[12],
    );
    const OUTPUTS: &'static [usize] = &[11];
    fn tensor(&self, i: usize) -> &[f32] {
        ::firmnet::network::find(i, &[&self.conv1, &self.conv2, &self.fc1, &self.fc2])
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        ::firmnet::network::find_mut(
            i,
            [&mut self.conv1, &mut self.conv2, &mut self.fc1, &mut self.fc2],
        )
    }
    fn init(&mut self, rng: &mut dyn ::firmnet::network::Rng) {
        ::firmnet::layer::Layer::init(
            &mut self.conv1,
            &const { __MnistCnn::CONV1.node },
            rng,
        );
        ::firmnet::layer::Layer::init(
            &mut self.conv2,
            &const { __MnistCnn::CONV2.node },
            rng,
        );
        ::firmnet::layer::Layer::init(
            &mut self.fc1,
            &const { __MnistCnn::FC1.node },
            rng,
        );
        ::firmnet::layer::Layer::init(
            &mut self.fc2,
            &const { __MnistCnn::FC2.node },
            rng,
        );
    }
    #[inline(always)]
    fn run(&self, pass: &mut ::firmnet::pass::Inference<'_>) {
        pass.call_before(
            &Self::INFERENCE.nodes[0],
            &const { __MnistCnn::CONV1.node },
            &self.conv1,
            &const { __MnistCnn::RELU.node },
            &::firmnet::pass::unnamed::<__MnistCnnReLU>(),
        );
        pass.call_unnamed::<
                __MnistCnnReLU,
            >(&Self::INFERENCE.nodes[1], &const { __MnistCnn::RELU.node });
        pass.call_before(
            &Self::INFERENCE.nodes[2],
            &const { __MnistCnn::CONV2.node },
            &self.conv2,
            &const { __MnistCnn::RELU_2.node },
            &::firmnet::pass::unnamed::<__MnistCnnReLU2>(),
        );
        pass.call_unnamed::<
                __MnistCnnReLU2,
            >(&Self::INFERENCE.nodes[3], &const { __MnistCnn::RELU_2.node });
        pass.call_unnamed::<
                __MnistCnnMaxPool2d,
            >(&Self::INFERENCE.nodes[4], &const { __MnistCnn::MAXPOOL2D.node });
        pass.call_unnamed::<
                __MnistCnnDropout2d,
            >(&Self::INFERENCE.nodes[5], &const { __MnistCnn::DROPOUT2D.node });
        pass.call_unnamed::<
                __MnistCnnFlatten,
            >(&Self::INFERENCE.nodes[6], &const { __MnistCnn::FLATTEN.node });
        pass.call_before(
            &Self::INFERENCE.nodes[7],
            &const { __MnistCnn::FC1.node },
            &self.fc1,
            &const { __MnistCnn::RELU_3.node },
            &::firmnet::pass::unnamed::<__MnistCnnReLU3>(),
        );
        pass.call_unnamed::<
                __MnistCnnReLU3,
            >(&Self::INFERENCE.nodes[8], &const { __MnistCnn::RELU_3.node });
        pass.call_unnamed::<
                __MnistCnnDropout,
            >(&Self::INFERENCE.nodes[9], &const { __MnistCnn::DROPOUT.node });
        pass.call_before(
            &Self::INFERENCE.nodes[10],
            &const { __MnistCnn::FC2.node },
            &self.fc2,
            &const { __MnistCnn::LOGSOFTMAX.node },
            &::firmnet::pass::unnamed::<__MnistCnnLogSoftmax>(),
        );
        pass.call_unnamed::<
                __MnistCnnLogSoftmax,
            >(&Self::INFERENCE.nodes[11], &const { __MnistCnn::LOGSOFTMAX.node });
    }
    fn run_training(&mut self, pass: &mut ::firmnet::pass::Training<'_>) {
        pass.call(0, &const { __MnistCnn::CONV1.node }, &mut self.conv1);
        pass.call_unnamed::<__MnistCnnReLU>(1, &const { __MnistCnn::RELU.node });
        pass.call(2, &const { __MnistCnn::CONV2.node }, &mut self.conv2);
        pass.call_unnamed::<__MnistCnnReLU2>(3, &const { __MnistCnn::RELU_2.node });
        pass.call_unnamed::<
                __MnistCnnMaxPool2d,
            >(4, &const { __MnistCnn::MAXPOOL2D.node });
        pass.call_unnamed::<
                __MnistCnnDropout2d,
            >(5, &const { __MnistCnn::DROPOUT2D.node });
        pass.call_unnamed::<__MnistCnnFlatten>(6, &const { __MnistCnn::FLATTEN.node });
        pass.call(7, &const { __MnistCnn::FC1.node }, &mut self.fc1);
        pass.call_unnamed::<__MnistCnnReLU3>(8, &const { __MnistCnn::RELU_3.node });
        pass.call_unnamed::<__MnistCnnDropout>(9, &const { __MnistCnn::DROPOUT.node });
        pass.call(10, &const { __MnistCnn::FC2.node }, &mut self.fc2);
        pass.call_unnamed::<
                __MnistCnnLogSoftmax,
            >(11, &const { __MnistCnn::LOGSOFTMAX.node });
    }
    fn run_packing(&self, pass: &mut ::firmnet::pass::Packing<'_>) {
        pass.call(0, &const { __MnistCnn::CONV1.node }, &self.conv1);
        pass.call(2, &const { __MnistCnn::CONV2.node }, &self.conv2);
        pass.call(7, &const { __MnistCnn::FC1.node }, &self.fc1);
        pass.call(10, &const { __MnistCnn::FC2.node }, &self.fc2);
    }
    fn run_backward(
        &self,
        pass: &mut ::firmnet::pass::Backward<'_, '_>,
        grad: &mut Self,
    ) {
        pass.call_unnamed::<
                __MnistCnnLogSoftmax,
            >(11, &const { __MnistCnn::LOGSOFTMAX.node });
        pass.call(10, &const { __MnistCnn::FC2.node }, &self.fc2, &mut grad.fc2);
        pass.call_unnamed::<__MnistCnnDropout>(9, &const { __MnistCnn::DROPOUT.node });
        pass.call_unnamed::<__MnistCnnReLU3>(8, &const { __MnistCnn::RELU_3.node });
        pass.call(7, &const { __MnistCnn::FC1.node }, &self.fc1, &mut grad.fc1);
        pass.call_unnamed::<__MnistCnnFlatten>(6, &const { __MnistCnn::FLATTEN.node });
        pass.call_unnamed::<
                __MnistCnnDropout2d,
            >(5, &const { __MnistCnn::DROPOUT2D.node });
        pass.call_unnamed::<
                __MnistCnnMaxPool2d,
            >(4, &const { __MnistCnn::MAXPOOL2D.node });
        pass.call_unnamed::<__MnistCnnReLU2>(3, &const { __MnistCnn::RELU_2.node });
        pass.call(2, &const { __MnistCnn::CONV2.node }, &self.conv2, &mut grad.conv2);
        pass.call_unnamed::<__MnistCnnReLU>(1, &const { __MnistCnn::RELU.node });
        pass.call(0, &const { __MnistCnn::CONV1.node }, &self.conv1, &mut grad.conv1);
    }
}
impl MnistCnn {
    /// Memory for an inference.
    pub const fn workspace() -> ::firmnet::memory::Arena<
        { <MnistCnn as ::firmnet::network::Network>::INFERENCE.len(1) },
    > {
        ::firmnet::memory::Arena::new()
    }
    #[doc(hidden)]
    pub const fn args() -> ::firmnet::nested::Args<Self> {
        ::firmnet::nested::Args::new()
    }
}
::firmnet::nested_keyword!(MnistCnn);
const _: () = __MnistCnn::INPUT.verify("the input");
const _: () = __MnistCnn::CONV1.verify();
const _: () = __MnistCnn::RELU.verify_unnamed();
const _: () = __MnistCnn::CONV2.verify();
const _: () = __MnistCnn::RELU_2.verify_unnamed();
const _: () = __MnistCnn::MAXPOOL2D.verify_unnamed();
const _: () = __MnistCnn::DROPOUT2D.verify_unnamed();
const _: () = __MnistCnn::FLATTEN.verify_unnamed();
const _: () = __MnistCnn::FC1.verify();
const _: () = __MnistCnn::RELU_3.verify_unnamed();
const _: () = __MnistCnn::DROPOUT.verify_unnamed();
const _: () = __MnistCnn::FC2.verify();
const _: () = __MnistCnn::LOGSOFTMAX.verify_unnamed();
const _: () = __MnistCnn::LOGSOFTMAX.verify_output("the output", __MnistCnn::OUTPUT);
