"""Runs ONNX models in PyTorch, one operator after the other as the specification of ONNX defines them (opset 18).

Takes the path of a list in JSON, [{"model": path, "input": path of little-endian float32, "shape": [...]}, ...], and prints
for each model a line of JSON: {output: flat list of numbers}. The models are read by the `onnx` package.
"""

import json
import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

torch.set_num_threads(1)

TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: torch.float64}


def around(x, pads, value):
    rank = len(pads) // 2
    return F.pad(x, [n for axis in reversed(range(rank)) for n in (pads[axis], pads[axis + rank])], value=value)


def conv(a, x, w, bias=None):
    x = around(x, a.get("pads", [0, 0, 0, 0]), 0.0)
    return F.conv2d(x, w, bias, a.get("strides", [1, 1]), 0, a.get("dilations", [1, 1]), a.get("group", 1))


def conv_transpose(a, x, w, bias=None):
    whole = F.conv_transpose2d(x, w, bias, a.get("strides", [1, 1]), 0, a.get("output_padding", [0, 0]), a.get("group", 1), a.get("dilations", [1, 1]))
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    return whole[:, :, top : whole.shape[2] - bottom, left : whole.shape[3] - right]


def max_pool(a, x):
    if a.get("ceil_mode", 0) or any(n != 1 for n in a.get("dilations", [1, 1])):
        raise NotImplementedError("MaxPool with ceil_mode or dilations")
    pads = a.get("pads", [0, 0, 0, 0])
    padded = around(x, pads, float("-inf"))
    values, places = F.max_pool2d(padded, a["kernel_shape"], a.get("strides", [1, 1]), return_indices=True)
    # Places count from the beginning of the whole tensor without its padding.
    height, width = x.shape[2:]
    rows = places // padded.shape[3] - pads[0]
    columns = places % padded.shape[3] - pads[1]
    planes = torch.arange(x.shape[0] * x.shape[1]).reshape(x.shape[0], x.shape[1], 1, 1)
    return values, planes * height * width + rows * width + columns


def gemm(a, x, w, bias=None):
    x = x.t() if a.get("transA", 0) else x
    w = w.t() if a.get("transB", 0) else w
    product = a.get("alpha", 1.0) * (x @ w)
    return product if bias is None else product + a.get("beta", 1.0) * bias


def reduced(of):
    def reduce(a, x, axes=None):
        dims = a.get("axes") if axes is None else axes.tolist()
        return of(x, tuple(range(x.dim()) if dims is None else dims), bool(a.get("keepdims", 1)))

    return reduce


def sliced(a, x, starts, ends, axes=None, steps=None):
    axes = list(range(len(starts))) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    index = [slice(None)] * x.dim()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps):
        index[axis] = slice(start, min(end, x.shape[axis]), step)
    return x[tuple(index)]


def reshape(a, x, shape):
    return x.reshape([x.shape[axis] if n == 0 else n for axis, n in enumerate(shape.tolist())])


def unsqueeze(a, x, axes):
    for axis in sorted(n % (x.dim() + len(axes)) for n in axes.tolist()):
        x = x.unsqueeze(axis)
    return x


def squeeze(a, x, axes):
    dropped = [n % x.dim() for n in axes.tolist()]
    return x.reshape([n for axis, n in enumerate(x.shape) if axis not in dropped])


def top_k(a, x, k):
    axis = a.get("axis", -1)
    values, places = torch.sort(x, dim=axis, descending=bool(a.get("largest", 1)), stable=True)
    return values.narrow(axis, 0, int(k)), places.narrow(axis, 0, int(k))


def arg_max(a, x):
    return torch.from_numpy(np.argmax(x.numpy(), a.get("axis", 0))).reshape(
        [n if axis != a.get("axis", 0) % x.dim() else 1 for axis, n in enumerate(x.shape)]
        if a.get("keepdims", 1)
        else [n for axis, n in enumerate(x.shape) if axis != a.get("axis", 0) % x.dim()]
    )


def gather(a, x, places):
    axis = a.get("axis", 0) % x.dim()
    flat = torch.index_select(x, axis, places.reshape(-1) % x.shape[axis])
    return flat.reshape(list(x.shape[:axis]) + list(places.shape) + list(x.shape[axis + 1 :]))


def one_hot(a, places, depth, values):
    if a.get("axis", -1) != -1:
        raise NotImplementedError("OneHot along another axis than the last")
    hot = F.one_hot(places % int(depth), int(depth)).bool()
    return torch.where(hot, values[1], values[0])


def scatter(a, x, places, updates):
    if a.get("reduction", b"none") == b"add":
        return x.scatter_add(a.get("axis", 0), places, updates)
    return x.scatter(a.get("axis", 0), places, updates)


OPERATORS = {
    "Abs": lambda a, x: x.abs(),
    "Add": lambda a, x, y: x + y,
    "And": lambda a, x, y: x & y,
    "ArgMax": arg_max,
    "Cast": lambda a, x: x.to(TYPES[a["to"]]),
    "Concat": lambda a, *xs: torch.cat(xs, a["axis"]),
    "Constant": lambda a: torch.from_numpy(numpy_helper.to_array(a["value"]).copy()),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": lambda a, x, y: x / y,
    "Equal": lambda a, x, y: x == y,
    "Exp": lambda a, x: x.exp(),
    "Expand": lambda a, x, shape: x * torch.ones(shape.tolist(), dtype=x.dtype),
    "Flatten": lambda a, x: x.reshape(int(np.prod(x.shape[: a.get("axis", 1)])), -1),
    "Gather": gather,
    "GatherElements": lambda a, x, places: torch.gather(x, a.get("axis", 0), places),
    "Gemm": gemm,
    "Greater": lambda a, x, y: x > y,
    "GreaterOrEqual": lambda a, x, y: x >= y,
    "Identity": lambda a, x: x,
    "Log": lambda a, x: x.log(),
    "LogSoftmax": lambda a, x: torch.log_softmax(x, a.get("axis", -1)),
    "MatMul": lambda a, x, y: x @ y,
    "Max": lambda a, x, *ys: x if not ys else torch.maximum(x, OPERATORS["Max"](a, *ys)),
    "MaxPool": max_pool,
    "Min": lambda a, x, *ys: x if not ys else torch.minimum(x, OPERATORS["Min"](a, *ys)),
    "Mul": lambda a, x, y: x * y,
    "Neg": lambda a, x: -x,
    "OneHot": one_hot,
    "Pow": lambda a, x, y: torch.pow(x, y),
    "ReduceMax": reduced(lambda x, dims, keep: torch.amax(x, dims, keep)),
    "ReduceMean": reduced(lambda x, dims, keep: torch.mean(x, dims, keep)),
    "ReduceMin": reduced(lambda x, dims, keep: torch.amin(x, dims, keep)),
    "ReduceSum": reduced(lambda x, dims, keep: torch.sum(x, dims, keep)),
    "Relu": lambda a, x: torch.relu(x),
    "Reshape": reshape,
    "ScatterElements": scatter,
    "Shape": lambda a, x: torch.tensor(list(x.shape)),
    "Sign": lambda a, x: torch.sign(x),
    "Slice": sliced,
    "Softmax": lambda a, x: torch.softmax(x, a.get("axis", -1)),
    "Split": lambda a, x, sizes: torch.split(x, sizes.tolist(), a.get("axis", 0)),
    "Sqrt": lambda a, x: x.sqrt(),
    "Squeeze": squeeze,
    "Sub": lambda a, x, y: x - y,
    "Sum": lambda a, *xs: sum(xs),
    "TopK": top_k,
    "Transpose": lambda a, x: x.permute(a.get("perm", list(reversed(range(x.dim()))))),
    "Unsqueeze": unsqueeze,
    "Where": lambda a, which, x, y: torch.where(which, x, y),
}


def run(path, x):
    model = onnx.load(path)
    values = {item.name: torch.from_numpy(numpy_helper.to_array(item).copy()) for item in model.graph.initializer}
    (given,) = [item.name for item in model.graph.input if item.name not in values]
    values[given] = x
    for node in model.graph.node:
        if node.domain not in ("", "ai.onnx"):
            raise NotImplementedError(f"{node.domain}.{node.op_type}")
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] if name else None for name in node.input]
        results = OPERATORS[node.op_type](attributes, *inputs)
        for name, result in zip(node.output, results if isinstance(results, tuple) else (results,)):
            values[name] = result
    return {item.name: values[item.name].to(torch.float64).reshape(-1).tolist() for item in model.graph.output}


if __name__ == "__main__":
    for each in json.load(open(sys.argv[1])):
        data = np.fromfile(each["input"], "<f4").reshape(each["shape"])
        with torch.no_grad():
            print(json.dumps(run(each["model"], torch.from_numpy(data))), flush=True)
