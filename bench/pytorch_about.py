"""What PyTorch there is: its version, its threads, and the library that multiplies its matrices."""

import torch

# What the names of fast libraries contain, on the disk or in PyTorch's own account of how it was built.
FAST = ("openblas", "libmkl_", "blis", "atlas", "vecLib", "armpl", "nvpl")
BUILT_IN = ("openblas", "open", "mkl", "blis", "atlas", "accelerate")


def blas():
    """The library that multiplies matrices, and whether it is the reference one, which is several times as slow."""
    torch.rand(64, 64) @ torch.rand(64, 64)
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "/" in line}
    except OSError:
        paths = set()
    # Debian's alternatives are all called libblas.so.3: the folder tells which one it is.
    loaded = {"/".join(path.split("/")[-2:]) for path in paths}
    fast = sorted(name for name in loaded if any(word in name for word in FAST) and "lapack" not in name)
    plain = sorted(name for name in loaded if "libblas" in name)
    if fast or plain:
        return ", ".join(fast or plain), not fast
    built = torch.__config__.show().lower()
    inside = next((word for word in BUILT_IN if f"blas_info={word}" in built or f"use_{word}=on" in built), None)
    return f"{inside or 'unknown'}, built in", False


def about():
    """The answer to {"about": true}."""
    name, reference = blas()
    return {"version": torch.__version__, "threads": torch.get_num_threads(), "blas": name, "reference": reference}
