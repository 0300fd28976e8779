"""Layers that move a window over lines and images, or change their borders and size."""

from torch import nn

from case import case, images, whole_numbers


def conv2d():
    return [
        case("plain", nn.Conv2d(3, 4, 3), images(2, 3, 6, 5)),
        case("no bias", nn.Conv2d(3, 4, 3, bias=False), images(2, 3, 6, 5)),
        case("stride 2", nn.Conv2d(4, 8, 3, stride=2), images(2, 4, 9, 9)),
        case("padding 1", nn.Conv2d(2, 3, 3, padding=1), images(2, 2, 4, 5)),
        case("padding beyond the window", nn.Conv2d(1, 2, 2, padding=3), images(2, 1, 3, 3)),
        case("same", nn.Conv2d(2, 3, 5, padding="same"), images(2, 2, 6, 6)),
        case("same, even window", nn.Conv2d(2, 3, (2, 4), padding="same"), images(2, 2, 4, 5)),
        case("same, dilated", nn.Conv2d(2, 2, (3, 2), padding="same", dilation=(2, 3)), images(2, 2, 5, 5)),
        case("valid", nn.Conv2d(2, 3, 2, padding="valid"), images(2, 2, 3, 4)),
        case("dilation 2", nn.Conv2d(2, 3, 3, dilation=2), images(2, 2, 7, 6)),
        case("groups 2", nn.Conv2d(4, 6, 3, groups=2), images(2, 4, 5, 5)),
        case("depthwise", nn.Conv2d(4, 4, 3, groups=4, padding=1), images(2, 4, 5, 5)),
        case("depthwise, two a channel", nn.Conv2d(3, 6, 3, groups=3, stride=2), images(2, 3, 7, 6)),
        case(
            "pairs",
            nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(0, 1), dilation=(1, 2)),
            images(2, 2, 7, 6),
        ),
        case("one by one", nn.Conv2d(5, 7, 1), images(3, 5, 3, 4)),
        case("one by one, stride 2", nn.Conv2d(3, 2, 1, stride=2, bias=False), images(2, 3, 5, 4)),
        case("the whole image", nn.Conv2d(2, 3, (4, 5)), images(2, 2, 4, 5)),
        case("a row", nn.Conv2d(2, 3, (1, 5), padding=(0, 2)), images(2, 2, 1, 20)),
        case("sixteen channels", nn.Conv2d(16, 16, 3, padding=1), images(2, 16, 7, 9)),
        case("more than a block", nn.Conv2d(9, 21, 3, stride=(1, 2)), images(2, 9, 6, 23)),
    ]


class Causal(nn.Conv1d):
    """All padding in front, as WaveNet has it."""

    def forward(self, x):
        front = self.dilation[0] * (self.kernel_size[0] - 1)
        mode = {"zeros": "constant", "reflect": "reflect"}[self.padding_mode]
        x = nn.functional.pad(x, (front, 0), mode)
        return nn.functional.conv1d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def conv1d():
    reflect = {"padding_mode": "reflect"}
    return [
        case("plain", nn.Conv1d(3, 4, 3), images(2, 3, 7)),
        case("no bias", nn.Conv1d(3, 4, 3, bias=False), images(2, 3, 7)),
        case("stride 2", nn.Conv1d(4, 8, 3, stride=2), images(2, 4, 10)),
        case("stride beyond the kernel", nn.Conv1d(2, 3, 2, stride=3), images(2, 2, 10)),
        case("padding 1", nn.Conv1d(2, 3, 3, padding=1), images(2, 2, 5)),
        case("padding beyond the window", nn.Conv1d(1, 2, 2, padding=3), images(2, 1, 3)),
        case("same", nn.Conv1d(2, 3, 5, padding="same"), images(2, 2, 6)),
        case("same, even window", nn.Conv1d(2, 3, 4, padding="same"), images(2, 2, 5)),
        case("same, dilated", nn.Conv1d(2, 2, 4, padding="same", dilation=3), images(2, 2, 11)),
        case("valid", nn.Conv1d(2, 3, 2, padding="valid"), images(2, 2, 4)),
        case("dilation 2", nn.Conv1d(2, 3, 3, dilation=2), images(2, 2, 9)),
        case("groups 2", nn.Conv1d(4, 6, 3, groups=2), images(2, 4, 8)),
        case("depthwise", nn.Conv1d(4, 4, 3, groups=4, padding=1), images(2, 4, 8)),
        case("depthwise, two a channel", nn.Conv1d(3, 6, 3, groups=3, stride=2), images(2, 3, 9)),
        case("one tap", nn.Conv1d(5, 7, 1), images(3, 5, 4)),
        case("the whole line", nn.Conv1d(2, 3, 6), images(2, 2, 6)),
        case("one channel, long", nn.Conv1d(1, 3, 40, stride=16, padding=20), images(2, 1, 200)),
        case("more than a block", nn.Conv1d(17, 21, 3, padding=1), images(2, 17, 53)),
        case("reflect", nn.Conv1d(2, 3, 5, padding=2, **reflect), images(2, 2, 9)),
        case("reflect, as long as may be", nn.Conv1d(2, 3, 3, padding=3, **reflect), images(2, 2, 4)),
        case("reflect, same", nn.Conv1d(2, 3, 4, padding="same", **reflect), images(2, 2, 6)),
        case("reflect, stride 2", nn.Conv1d(2, 3, 5, padding=4, stride=2, **reflect), images(2, 2, 8)),
        case(
            "reflect, dilated, groups",
            nn.Conv1d(4, 6, 3, padding=3, dilation=3, groups=2, bias=False, **reflect),
            images(2, 4, 7),
        ),
        case("reflect, without padding", nn.Conv1d(2, 3, 3, **reflect), images(2, 2, 6)),
        case("causal", Causal(2, 3, 3), images(2, 2, 7)),
        case("causal, dilated", Causal(3, 2, 2, dilation=4), images(2, 3, 9)),
        case("causal, stride 2", Causal(2, 3, 3, stride=2), images(2, 2, 8)),
        case("causal, longer than the line", Causal(2, 2, 5, dilation=2), images(2, 2, 4)),
        case("causal, groups", Causal(4, 4, 3, groups=4, bias=False), images(2, 4, 6)),
        case("causal, reflect", Causal(2, 3, 4, **reflect), images(2, 2, 6)),
    ]


def max_pool1d():
    return [
        case("plain", nn.MaxPool1d(2), images(2, 3, 6)),
        case("what is left over", nn.MaxPool1d(3), images(2, 2, 8)),
        case("stride 1", nn.MaxPool1d(3, stride=1), images(2, 2, 6)),
        case("padding, all below zero", nn.MaxPool1d(3, stride=2, padding=1), -1 - images(2, 2, 7).abs()),
        case("dilation 2", nn.MaxPool1d(3, stride=1, dilation=2), images(2, 2, 8)),
        case("ceil mode", nn.MaxPool1d(3, stride=2, ceil_mode=True), images(2, 2, 6)),
        case("ceil mode, padding", nn.MaxPool1d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 7)),
        case("ceil mode, a window too many", nn.MaxPool1d(1, stride=2, ceil_mode=True), images(2, 1, 4)),
        case("ties", nn.MaxPool1d(3, stride=2), whole_numbers(2, 2, 15)),
        case("ties, two", nn.MaxPool1d(2), whole_numbers(2, 3, 36)),
    ]


def avg_pool1d():
    return [
        case("plain", nn.AvgPool1d(2), images(2, 3, 6)),
        case("what is left over", nn.AvgPool1d(3), images(2, 2, 8)),
        case("stride 1", nn.AvgPool1d(3, stride=1), images(2, 2, 6)),
        case("padding", nn.AvgPool1d(3, stride=2, padding=1), images(2, 2, 6)),
        case("padding not counted", nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), images(2, 2, 6)),
        case("ceil mode", nn.AvgPool1d(3, stride=2, ceil_mode=True), images(2, 2, 6)),
        case("ceil mode, padding", nn.AvgPool1d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 7)),
        case(
            "ceil mode, padding not counted",
            nn.AvgPool1d(2, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
            images(2, 1, 5),
        ),
    ]


def adaptive_avg_pool1d():
    return [
        case("to one", nn.AdaptiveAvgPool1d(1), images(2, 3, 5)),
        case("even", nn.AdaptiveAvgPool1d(2), images(2, 2, 6)),
        case("uneven", nn.AdaptiveAvgPool1d(3), images(2, 2, 7)),
        case("to more than there is", nn.AdaptiveAvgPool1d(5), images(2, 1, 3)),
    ]


def conv_transpose2d():
    transposed = nn.ConvTranspose2d
    return [
        case("plain", transposed(3, 4, 3), images(2, 3, 4, 5)),
        case("no bias", transposed(3, 4, 3, bias=False), images(2, 3, 4, 5)),
        case("stride 2", transposed(4, 3, 2, stride=2), images(2, 4, 3, 4)),
        case("twice as large", transposed(5, 4, 4, stride=2, padding=1), images(2, 5, 4, 5)),
        case("stride beyond the kernel", transposed(2, 3, 2, stride=3), images(2, 2, 3, 4)),
        case("padding 1", transposed(2, 3, 3, padding=1), images(2, 2, 4, 5)),
        case("output padding", transposed(2, 3, 3, stride=2, padding=1, output_padding=1), images(2, 2, 4, 3)),
        case("output padding beyond the kernel", transposed(2, 2, 2, stride=5, output_padding=4), images(2, 2, 2, 3)),
        case("output padding, dilated", transposed(2, 2, 2, dilation=3, output_padding=2), images(2, 2, 3, 2)),
        case("dilation 2", transposed(2, 3, 3, dilation=2), images(2, 2, 4, 3)),
        case("dilation 2, stride 2", transposed(2, 3, 3, dilation=2, stride=2), images(2, 2, 3, 4)),
        case("dilation 3, stride 2", transposed(2, 3, 3, dilation=3, stride=2, padding=2), images(2, 2, 3, 4)),
        case("groups 2", transposed(4, 6, 3, groups=2), images(2, 4, 3, 4)),
        case("depthwise", transposed(4, 4, 3, groups=4, stride=2, padding=1), images(2, 4, 4, 4)),
        case("depthwise, two a channel", transposed(3, 6, 2, groups=3, stride=2), images(2, 3, 3, 3)),
        case(
            "pairs",
            transposed(2, 3, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), dilation=(2, 1)),
            images(2, 2, 3, 4),
        ),
        case("one by one", transposed(5, 7, 1), images(2, 5, 3, 4)),
        case("from one pixel", transposed(10, 6, 4), images(3, 10, 1, 1)),
        case("more than a block", transposed(9, 11, 4, stride=2, padding=1), images(2, 9, 3, 9)),
    ]


def upsample():
    bilinear = {"mode": "bilinear"}
    return [
        case("twice", nn.Upsample(scale_factor=2), images(2, 3, 3, 4)),
        case("a pair", nn.Upsample(scale_factor=(3, 2)), images(2, 2, 2, 3)),
        case("one and a half", nn.Upsample(scale_factor=1.5), images(2, 2, 5, 4)),
        case("half", nn.Upsample(scale_factor=0.5), images(2, 2, 5, 6)),
        case("size", nn.Upsample(size=(5, 7)), images(2, 2, 3, 4)),
        case("smaller size", nn.Upsample(size=3), images(2, 2, 7, 8)),
        case("from one pixel", nn.Upsample(size=(3, 5)), images(2, 4, 1, 1)),
        case("bilinear, twice", nn.Upsample(scale_factor=2, **bilinear), images(2, 3, 3, 4)),
        case("bilinear, a pair", nn.Upsample(scale_factor=(2.5, 1.3), **bilinear), images(2, 2, 3, 5)),
        case("bilinear, half", nn.Upsample(scale_factor=0.5, **bilinear), images(2, 2, 5, 6)),
        case("bilinear, size", nn.Upsample(size=(5, 7), **bilinear), images(2, 2, 3, 4)),
        case("bilinear, smaller size", nn.Upsample(size=(3, 2), **bilinear), images(2, 2, 7, 8)),
        case("bilinear, from one pixel", nn.Upsample(size=(3, 5), **bilinear), images(2, 4, 1, 1)),
        case("corners", nn.Upsample(scale_factor=2, align_corners=True, **bilinear), images(2, 3, 3, 4)),
        case("corners, size", nn.Upsample(size=(5, 7), align_corners=True, **bilinear), images(2, 2, 3, 4)),
        case("corners, smaller size", nn.Upsample(size=(3, 4), align_corners=True, **bilinear), images(2, 2, 7, 8)),
        case("corners, to one pixel", nn.Upsample(size=1, align_corners=True, **bilinear), images(2, 2, 3, 4)),
    ]


def zero_pad2d():
    return [
        case("one number", nn.ZeroPad2d(2), images(2, 3, 3, 4)),
        case("four", nn.ZeroPad2d((1, 2, 3, 0)), images(2, 2, 3, 2)),
        case("none", nn.ZeroPad2d(0), images(2, 2, 3, 2)),
        case("one side", nn.ZeroPad2d((0, 0, 0, 5)), images(2, 2, 1, 1)),
    ]


def reflection_pad2d():
    return [
        case("one number", nn.ReflectionPad2d(2), images(2, 3, 3, 4)),
        case("four", nn.ReflectionPad2d((1, 3, 2, 0)), images(2, 2, 3, 4)),
        case("as many as there are", nn.ReflectionPad2d((3, 3, 4, 4)), images(2, 2, 5, 4)),
        case("a row", nn.ReflectionPad2d((2, 1, 0, 0)), images(2, 2, 1, 3)),
    ]


def reflection_pad1d():
    return [
        case("one number", nn.ReflectionPad1d(2), images(2, 3, 5)),
        case("two", nn.ReflectionPad1d((0, 3)), images(2, 2, 4)),
        case("as many as there are", nn.ReflectionPad1d((4, 4)), images(2, 2, 5)),
    ]


def max_pool2d():
    return [
        case("plain", nn.MaxPool2d(2), images(2, 3, 4, 6)),
        case("what is left over", nn.MaxPool2d(2), images(2, 2, 5, 7)),
        case("stride 1", nn.MaxPool2d(3, stride=1), images(2, 2, 5, 5)),
        case("padding, all below zero", nn.MaxPool2d(3, stride=2, padding=1), -1 - images(2, 2, 5, 6).abs()),
        case("dilation 2", nn.MaxPool2d(2, stride=1, dilation=2), images(2, 2, 5, 4)),
        case("ceil mode", nn.MaxPool2d(3, stride=2, ceil_mode=True), images(2, 2, 6, 6)),
        case("ceil mode, padding", nn.MaxPool2d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 6, 7)),
        case("ceil mode, a window too many", nn.MaxPool2d(1, stride=2, ceil_mode=True), images(2, 1, 2, 4)),
        case(
            "pairs",
            nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
            images(2, 2, 6, 6),
        ),
        case("ties", nn.MaxPool2d(3, stride=2), whole_numbers(2, 2, 7, 7)),
        case("ties, two by two", nn.MaxPool2d(2), whole_numbers(2, 2, 4, 36)),
    ]


def avg_pool2d():
    return [
        case("plain", nn.AvgPool2d(2), images(2, 3, 4, 6)),
        case("what is left over", nn.AvgPool2d(2), images(2, 2, 5, 7)),
        case("stride 1", nn.AvgPool2d(3, stride=1), images(2, 2, 5, 5)),
        case("padding", nn.AvgPool2d(3, stride=2, padding=1), images(2, 2, 5, 6)),
        case(
            "padding not counted",
            nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
            images(2, 2, 5, 6),
        ),
        case("ceil mode", nn.AvgPool2d(3, stride=2, ceil_mode=True), images(2, 2, 6, 6)),
        case("ceil mode, padding", nn.AvgPool2d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 6, 7)),
        case(
            "ceil mode, padding not counted",
            nn.AvgPool2d(2, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
            images(2, 1, 4, 5),
        ),
        case("divisor", nn.AvgPool2d(2, divisor_override=3), images(2, 2, 4, 4)),
        case("pairs", nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 0)), images(2, 2, 6, 5)),
    ]


def adaptive_avg_pool2d():
    return [
        case("to one", nn.AdaptiveAvgPool2d(1), images(2, 3, 4, 5)),
        case("even", nn.AdaptiveAvgPool2d(2), images(2, 2, 4, 6)),
        case("a pair, uneven", nn.AdaptiveAvgPool2d((2, 3)), images(2, 2, 5, 7)),
        case("to more than there is", nn.AdaptiveAvgPool2d((4, 5)), images(2, 1, 3, 2)),
    ]
