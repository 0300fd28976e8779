use firmnet::layer::FromBytes;

#[derive(FromBytes)]
#[repr(C)]
enum Kind {
    A,
    B,
}

#[derive(FromBytes)]
#[repr(C)]
union Either {
    a: f32,
    b: u32,
}

#[derive(FromBytes)]
struct Scale {
    weight: [f32; 2],
}

#[derive(FromBytes)]
#[repr(C)]
struct Leaky {
    weight: [f32; 2],
    learns: bool,
}

#[derive(FromBytes)]
#[repr(C)]
struct Masked<const N: usize>([f32; N], [bool; N]);

#[derive(FromBytes)]
#[repr(C)]
struct Borrowed<'a> {
    weight: &'a [f32],
}

#[derive(FromBytes)]
#[repr(C)]
struct Of<T> {
    weight: T,
}

// What depends on a type is asked where it is used.
static OF_BOOL: Of<bool> = firmnet::bits::zero();

fn main() {}
