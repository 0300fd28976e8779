#[derive(::firmnet::layer::FromBytes)]
#[repr(C)]
pub struct Digits {
    /// `Linear`.
    pub fc1: __DigitsFc1,
    /// `Linear`.
    pub fc2: __DigitsFc2,
}
type __DigitsFlattenWord = Flatten;
type __DigitsFlatten = ::firmnet::kind!(__DigitsFlattenWord, "Flatten");
type __DigitsFc1Word = Linear;
type __DigitsFc1Kind = ::firmnet::kind!(__DigitsFc1Word, "Linear");
type __DigitsReLUWord = ReLU;
type __DigitsReLU = ::firmnet::kind!(__DigitsReLUWord, "ReLU");
type __DigitsFc2Word = Linear;
type __DigitsFc2Kind = ::firmnet::kind!(__DigitsFc2Word, "Linear");
enum __Digits {}
#[allow(long_running_const_eval, arithmetic_overflow, unconditional_panic)]
impl __Digits {
    const INPUT: ::firmnet::shape::Shape = ::firmnet::shape::Shape::of(&[1, 28, 28]);
    const OUTPUT: ::firmnet::shape::Shape = ::firmnet::shape::Shape::of(&[10]);
    const FLATTEN: ::firmnet::infer::InferredOf<__DigitsFlatten> = __DigitsFlatten::args()
        .infer(
            ::firmnet::infer::Inputs::of("Flatten", "Flatten")
                .with("the input", Self::INPUT),
        );
    const FC1: ::firmnet::infer::InferredOf<__DigitsFc1Kind> = __DigitsFc1Kind::args()
        .first(32)
        .infer(::firmnet::infer::Inputs::of("fc1", "Linear").after(&Self::FLATTEN));
    const RELU: ::firmnet::infer::InferredOf<__DigitsReLU> = __DigitsReLU::args()
        .infer(::firmnet::infer::Inputs::of("ReLU", "ReLU").after(&Self::FC1));
    const FC2: ::firmnet::infer::InferredOf<__DigitsFc2Kind> = __DigitsFc2Kind::args()
        .first(10)
        .infer(::firmnet::infer::Inputs::of("fc2", "Linear").after(&Self::RELU));
    const INPUT_IDS: bool = ::firmnet::infer::holds_ids(&[Self::FLATTEN.ids(0)]);
    const INPUTS: [::firmnet::shape::Shape; 1] = [Self::INPUT];
    const SHAPES: [::firmnet::shape::Shape; 1] = [Self::FC2.node.output];
    const STEPS: [::firmnet::plan::Step; 4] = [
        ::firmnet::plan::Step::of(&Self::FLATTEN, &[0]),
        ::firmnet::plan::Step::of(&Self::FC1, &[1]),
        ::firmnet::plan::Step::of(&Self::RELU, &[2]),
        ::firmnet::plan::Step::of(&Self::FC2, &[3]),
    ];
    const ROWS: [::firmnet::summary::Row; 4] = [
        ::firmnet::summary::Row::of(&Self::FLATTEN),
        ::firmnet::summary::Row::of(&Self::FC1),
        ::firmnet::summary::Row::of(&Self::RELU),
        ::firmnet::summary::Row::of(&Self::FC2),
    ];
    const LAYERS: [::firmnet::network::Named; 2] = [
        ("fc1", <__DigitsFc1 as ::firmnet::layer::Layer>::TENSORS),
        ("fc2", <__DigitsFc2 as ::firmnet::layer::Layer>::TENSORS),
    ];
    const TENSORS: [::firmnet::layer::Tensor<
        ::firmnet::network::Name,
    >; ::firmnet::network::count(&__Digits::LAYERS)] = ::firmnet::network::named(
        &Self::LAYERS,
    );
    const AS_LAYER: [::firmnet::layer::Tensor; ::firmnet::network::count(
        &__Digits::LAYERS,
    )] = ::firmnet::network::as_layer(&Self::TENSORS);
}
type __DigitsFc1 = <__DigitsFc1Kind as ::firmnet::layer::Kind>::Layer<
    { __Digits::FC1.dims[0] },
    { __Digits::FC1.dims[1] },
    { __Digits::FC1.dims[2] },
    { __Digits::FC1.dims[3] },
    { __Digits::FC1.dims[4] },
    { __Digits::FC1.dims[5] },
>;
type __DigitsFc2 = <__DigitsFc2Kind as ::firmnet::layer::Kind>::Layer<
    { __Digits::FC2.dims[0] },
    { __Digits::FC2.dims[1] },
    { __Digits::FC2.dims[2] },
    { __Digits::FC2.dims[3] },
    { __Digits::FC2.dims[4] },
    { __Digits::FC2.dims[5] },
>;
#[allow(long_running_const_eval)]
impl ::firmnet::network::Network for Digits {
    type Input = [[[f32; 28]; 28]; 1];
    type Output = [f32; 10];
    const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &__Digits::TENSORS;
    const AS_LAYER: &'static [::firmnet::layer::Tensor] = &__Digits::AS_LAYER;
    const INPUTS: &'static [::firmnet::shape::Shape] = &__Digits::INPUTS;
    const SHAPES: &'static [::firmnet::shape::Shape] = &__Digits::SHAPES;
    const STREAMS: bool = ::firmnet::plan::streams(&__Digits::STEPS);
    const ROWS: &'static [::firmnet::summary::Row] = &__Digits::ROWS;
    const INFERENCE: &'static ::firmnet::plan::Plan = &::firmnet::plan::inference(
        &__Digits::INPUTS,
        &__Digits::STEPS,
        &[4],
    );
    const TRAINING: &'static ::firmnet::plan::Plan = &::firmnet::plan::training(
        &__Digits::INPUTS,
        &__Digits::STEPS,
        &[4],
    );
    const OUTPUTS: &'static [usize] = &[3];
    fn tensor(&self, i: usize) -> &[f32] {
        ::firmnet::network::find(i, &[&self.fc1, &self.fc2])
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        ::firmnet::network::find_mut(i, [&mut self.fc1, &mut self.fc2])
    }
    fn init(&mut self, rng: &mut dyn ::firmnet::network::Rng) {
        ::firmnet::layer::Layer::init(&mut self.fc1, &const { __Digits::FC1.node }, rng);
        ::firmnet::layer::Layer::init(&mut self.fc2, &const { __Digits::FC2.node }, rng);
    }
    #[inline(always)]
    fn run(&self, pass: &mut ::firmnet::pass::Inference<'_>) {
        pass.call_unnamed::<
                __DigitsFlatten,
            >(&Self::INFERENCE.nodes[0], &const { __Digits::FLATTEN.node });
        pass.call_before(
            &Self::INFERENCE.nodes[1],
            &const { __Digits::FC1.node },
            &self.fc1,
            &const { __Digits::RELU.node },
            &::firmnet::pass::unnamed::<__DigitsReLU>(),
        );
        pass.call_unnamed::<
                __DigitsReLU,
            >(&Self::INFERENCE.nodes[2], &const { __Digits::RELU.node });
        pass.call(&Self::INFERENCE.nodes[3], &const { __Digits::FC2.node }, &self.fc2);
    }
    fn run_training(&mut self, pass: &mut ::firmnet::pass::Training<'_>) {
        pass.call_unnamed::<__DigitsFlatten>(0, &const { __Digits::FLATTEN.node });
        pass.call(1, &const { __Digits::FC1.node }, &mut self.fc1);
        pass.call_unnamed::<__DigitsReLU>(2, &const { __Digits::RELU.node });
        pass.call(3, &const { __Digits::FC2.node }, &mut self.fc2);
    }
    fn run_packing(&self, pass: &mut ::firmnet::pass::Packing<'_>) {
        pass.call(1, &const { __Digits::FC1.node }, &self.fc1);
        pass.call(3, &const { __Digits::FC2.node }, &self.fc2);
    }
    fn run_backward(
        &self,
        pass: &mut ::firmnet::pass::Backward<'_, '_>,
        grad: &mut Self,
    ) {
        pass.call(3, &const { __Digits::FC2.node }, &self.fc2, &mut grad.fc2);
        pass.call_unnamed::<__DigitsReLU>(2, &const { __Digits::RELU.node });
        pass.call(1, &const { __Digits::FC1.node }, &self.fc1, &mut grad.fc1);
        pass.call_unnamed::<__DigitsFlatten>(0, &const { __Digits::FLATTEN.node });
    }
}
impl Digits {
    /// Memory for an inference.
    pub const fn workspace() -> ::firmnet::memory::Arena<
        { <Digits as ::firmnet::network::Network>::INFERENCE.len(1) },
    > {
        ::firmnet::memory::Arena::new()
    }
    #[doc(hidden)]
    pub const fn args() -> ::firmnet::nested::Args<Self> {
        ::firmnet::nested::Args::new()
    }
}
::firmnet::nested_keyword!(Digits);
const _: () = __Digits::INPUT.verify("the input");
const _: () = __Digits::FLATTEN.verify_unnamed();
const _: () = __Digits::FC1.verify();
const _: () = __Digits::RELU.verify_unnamed();
const _: () = __Digits::FC2.verify();
const _: () = __Digits::FC2.verify_output("the output", __Digits::OUTPUT);
/// [`Digits`] in bytes.
#[derive(::firmnet::layer::FromBytes)]
#[repr(C)]
pub struct DigitsInt8 {
    /// `Flatten`.
    #[doc(hidden)]
    pub flatten: __DigitsFlattenInt8,
    /// `Linear`.
    pub fc1: __DigitsFc1Int8,
    /// `ReLU`.
    #[doc(hidden)]
    pub relu: __DigitsReLUInt8,
    /// `Linear`.
    pub fc2: __DigitsFc2Int8,
    #[doc(hidden)]
    pub __values: ::firmnet::int8::Scales<5>,
}
type __DigitsFlattenForm = ::firmnet::int8_kind!(__DigitsFlatten, "Flatten", "Flatten");
type __DigitsFc1Form = ::firmnet::int8_kind!(__DigitsFc1Kind, "fc1", "Linear");
type __DigitsReLUForm = ::firmnet::int8_kind!(__DigitsReLU, "ReLU", "ReLU");
type __DigitsFc2Form = ::firmnet::int8_kind!(__DigitsFc2Kind, "fc2", "Linear");
type __DigitsFlattenInt8 = <__DigitsFlattenForm as ::firmnet::int8::Quantize>::Int8<
    { __Digits::INT8.sizes(0)[0] },
    { __Digits::INT8.sizes(0)[1] },
>;
type __DigitsFc1Int8 = <__DigitsFc1Form as ::firmnet::int8::Quantize>::Int8<
    { __Digits::INT8.sizes(1)[0] },
    { __Digits::INT8.sizes(1)[1] },
>;
type __DigitsReLUInt8 = <__DigitsReLUForm as ::firmnet::int8::Quantize>::Int8<
    { __Digits::INT8.sizes(2)[0] },
    { __Digits::INT8.sizes(2)[1] },
>;
type __DigitsFc2Int8 = <__DigitsFc2Form as ::firmnet::int8::Quantize>::Int8<
    { __Digits::INT8.sizes(3)[0] },
    { __Digits::INT8.sizes(3)[1] },
>;
#[allow(long_running_const_eval)]
impl __Digits {
    const INT8: ::firmnet::int8::Plan<4, 5> = ::firmnet::int8::plan(
        &Self::INPUTS,
        &[
            ::firmnet::int8::Step::of::<
                __DigitsFlattenForm,
            >(&Self::FLATTEN, Self::STEPS[0]),
            ::firmnet::int8::Step::of::<__DigitsFc1Form>(&Self::FC1, Self::STEPS[1]),
            ::firmnet::int8::Step::of::<__DigitsReLUForm>(&Self::RELU, Self::STEPS[2]),
            ::firmnet::int8::Step::of::<__DigitsFc2Form>(&Self::FC2, Self::STEPS[3]),
        ],
        &[4],
    );
    const INT8_LAYERS: [::firmnet::network::Named; 5] = [
        ("flatten", <__DigitsFlattenInt8 as ::firmnet::int8::Layer>::TENSORS),
        ("fc1", <__DigitsFc1Int8 as ::firmnet::int8::Layer>::TENSORS),
        ("relu", <__DigitsReLUInt8 as ::firmnet::int8::Layer>::TENSORS),
        ("fc2", <__DigitsFc2Int8 as ::firmnet::int8::Layer>::TENSORS),
        ("values", ::firmnet::int8::Scales::<5>::TENSORS),
    ];
    const QAT_TENSORS: [::firmnet::layer::Tensor<
        ::firmnet::network::Name,
    >; __Digits::TENSORS.len() + 1] = ::firmnet::network::and_ranges(&Self::TENSORS, 5);
    const INT8_TENSORS: [::firmnet::layer::Tensor<
        ::firmnet::network::Name,
    >; ::firmnet::network::count(&__Digits::INT8_LAYERS)] = ::firmnet::network::named(
        &Self::INT8_LAYERS,
    );
}
#[allow(long_running_const_eval)]
impl ::firmnet::int8::Network for DigitsInt8 {
    type Float = Digits;
    type Input = [i8; { __Digits::INPUT.len() }];
    type Output = [i8; { __Digits::FC2.node.output.len() }];
    type Step = [i8; { __Digits::INPUT.step_len() }];
    type StepOutput = [i8; { __Digits::FC2.node.output.step_len() }];
    type Ranges = [[f32; 2]; 5];
    const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &__Digits::INT8_TENSORS;
    const QAT_TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &__Digits::QAT_TENSORS;
    const NODES: &'static [::firmnet::int8::plan::Slots] = &__Digits::INT8.nodes;
    const VALUES: &'static [::firmnet::int8::plan::Value] = &__Digits::INT8.values;
    const OUTPUTS: &'static [usize] = &[4];
    const INFERENCE_RAM: usize = __Digits::INT8.ram;
    const STATE: usize = __Digits::INT8.state;
    fn tensor(&self, i: usize) -> &[u8] {
        ::firmnet::int8::network::find(
            i,
            &[&self.flatten, &self.fc1, &self.relu, &self.fc2, &self.__values],
        )
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        ::firmnet::int8::network::find_mut(
            i,
            [
                &mut self.flatten,
                &mut self.fc1,
                &mut self.relu,
                &mut self.fc2,
                &mut self.__values,
            ],
        )
    }
    fn scale(&self, v: usize) -> ::firmnet::int8::Scale {
        self.__values.get(v)
    }
    fn set_scale(&mut self, v: usize, scale: ::firmnet::int8::Scale) {
        self.__values.set(v, scale);
    }
    fn run(&self, pass: &mut ::firmnet::int8::pass::Inference<'_>) {
        pass.call(&Self::NODES[0], &const { __Digits::FLATTEN.node }, &self.flatten);
        pass.call(&Self::NODES[1], &const { __Digits::FC1.node }, &self.fc1);
        pass.call(&Self::NODES[2], &const { __Digits::RELU.node }, &self.relu);
        pass.call(&Self::NODES[3], &const { __Digits::FC2.node }, &self.fc2);
    }
    fn fill(&mut self, net: &Digits, filling: &mut ::firmnet::int8::fill::Filling<'_>) {
        filling.call(3, &const { __Digits::FC2.node }, &net.fc2, &mut self.fc2);
        filling
            .call_unnamed::<
                __DigitsReLU,
                _,
            >(2, &const { __Digits::RELU.node }, &mut self.relu);
        filling.call(1, &const { __Digits::FC1.node }, &net.fc1, &mut self.fc1);
        filling
            .call_unnamed::<
                __DigitsFlatten,
                _,
            >(0, &const { __Digits::FLATTEN.node }, &mut self.flatten);
    }
}
impl DigitsInt8 {
    /// Memory for an inference.
    pub const fn workspace() -> ::firmnet::memory::Arena<
        { ::firmnet::int8::network::room_len::<DigitsInt8>() },
    > {
        ::firmnet::memory::Arena::new()
    }
}
const _: () = __Digits::INT8.verify(0, &__Digits::FLATTEN);
const _: () = __Digits::INT8.verify(1, &__Digits::FC1);
const _: () = __Digits::INT8.verify(2, &__Digits::RELU);
const _: () = __Digits::INT8.verify(3, &__Digits::FC2);
