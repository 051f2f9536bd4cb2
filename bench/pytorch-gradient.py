"""Times ONNX classifiers and a training step in PyTorch, for bench/gradient.mjs and bench/training.mjs.

Reads lines of JSON from standard input and answers each with a line: {"about": true} with version, threads and BLAS,
{"model": path, "batch": n} with the shape of the input, {"training": batch} with null, and {"run": "forward" | "gradient" |
"training"} with the milliseconds that it took. The operators are those of the networks that the bench runs on, mapped to
torch functions, as a PyTorch module of them would call.
"""

import json
import sys
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from pytorch_about import about

torch.set_num_threads(2)


def pads_of(attributes, rank):
    """Symmetric padding for torch, or the pads that have to be laid around the image before."""
    pads = attributes.get("pads", [0] * (2 * rank))
    before, after = pads[:rank], pads[rank:]
    if before == after:
        return before, None
    return [0] * rank, [n for axis in reversed(range(rank)) for n in (before[axis], after[axis])]


def conv(a, x, w, bias=None):
    symmetric, around = pads_of(a, w.dim() - 2)
    if around:
        x = F.pad(x, around)
    return F.conv2d(x, w, bias, a.get("strides", 1), symmetric, a.get("dilations", 1), a.get("group", 1))


def max_pool(a, x):
    symmetric, around = pads_of(a, 2)
    if around:
        x = F.pad(x, around, value=float("-inf"))
    return F.max_pool2d(x, a["kernel_shape"], a.get("strides", 1), symmetric, ceil_mode=bool(a.get("ceil_mode", 0)))


def gemm(a, x, w, bias=None):
    w = w if a.get("transB", 0) else w.t()
    return F.linear(x, w, bias)


def clip(a, x, low=None, high=None):
    low = a.get("min") if low is None else float(low)
    high = a.get("max") if high is None else float(high)
    return F.hardtanh(x, low, high) if None not in (low, high) else torch.clamp(x, low, high)


def sliced(a, x, starts, ends, axes=None, steps=None):
    index = [slice(None)] * x.dim()
    axes = range(len(starts)) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps):
        index[axis] = slice(start, min(end, x.shape[axis]), step)
    return x[tuple(index)]


def pad(a, x, pads, value=None):
    pads = pads.tolist()
    rank = len(pads) // 2
    around = [n for axis in reversed(range(rank)) for n in (pads[axis], pads[axis + rank])]
    return F.pad(x, around, value=0.0 if value is None else float(value))


def reshape(a, x, shape):
    return x.reshape([x.shape[axis] if n == 0 else n for axis, n in enumerate(shape.tolist())])


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "AveragePool": lambda a, x: F.avg_pool2d(x, a["kernel_shape"], a.get("strides", 1), pads_of(a, 2)[0]),
    "BatchNormalization": lambda a, x, scale, bias, mean, variance: F.batch_norm(
        x, mean, variance, scale, bias, False, 0.0, a.get("epsilon", 1e-5)
    ),
    "Clip": clip,
    "Concat": lambda a, *xs: torch.cat(xs, a["axis"]),
    "Conv": conv,
    "Div": lambda a, x, y: x / y,
    "Erf": lambda a, x: torch.erf(x),
    "Flatten": lambda a, x: torch.flatten(x, a.get("axis", 1)),
    "Gemm": gemm,
    "GlobalAveragePool": lambda a, x: F.adaptive_avg_pool2d(x, 1),
    "LayerNormalization": lambda a, x, scale, bias: F.layer_norm(x, scale.shape, scale, bias, a.get("epsilon", 1e-5)),
    "MatMul": lambda a, x, y: x @ y,
    "MaxPool": max_pool,
    "Mul": lambda a, x, y: x * y,
    "Pad": pad,
    "Relu": lambda a, x: torch.relu(x),
    "Reshape": reshape,
    "Slice": sliced,
    "Softmax": lambda a, x: torch.softmax(x, a.get("axis", -1)),
    "Split": lambda a, x, sizes: torch.split(x, sizes.tolist(), a.get("axis", 0)),
    "Squeeze": lambda a, x, axes: x.reshape([n for i, n in enumerate(x.shape) if i not in axes.tolist()]),
    "Transpose": lambda a, x: x.permute(a["perm"]),
}


def constant(item):
    """A constant. Subnormal weights, which slow a network down ten times, become 0, as in the graphs it is compared with."""
    array = numpy_helper.to_array(item).copy()
    if array.dtype == np.float32:
        array[np.abs(array) < np.finfo(np.float32).tiny] = 0
    return torch.from_numpy(array)


class Network:
    """A graph in order, without its last softmax: the loss takes the logits."""

    def __init__(self, path):
        graph = onnx.load(path).graph
        self.constants = {item.name: constant(item) for item in graph.initializer}
        self.input = next(item for item in graph.input if item.name not in self.constants)
        self.output = graph.output[0].name
        self.nodes = []
        for node in graph.node:
            if node.op_type == "Softmax" and node.output[0] == self.output:
                self.output = node.input[0]
                continue
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self.constants[node.output[0]] = constant(attributes["value"])
            else:
                self.nodes.append((OPERATORS[node.op_type], attributes, list(node.input), list(node.output)))

    def shape(self, batch):
        return [batch] + [dim.dim_value for dim in self.input.type.tensor_type.shape.dim[1:]]

    def __call__(self, x):
        values = {**self.constants, self.input.name: x, "": None}
        for operator, attributes, inputs, outputs in self.nodes:
            results = operator(attributes, *[values[name] for name in inputs])
            for name, result in zip(outputs, results if isinstance(results, tuple) else (results,)):
                values[name] = result
        return values[self.output].flatten(1)


class Training:
    """A LeNet and SGD with momentum, as in bench/training.mjs."""

    def __init__(self, batch):
        self.network = torch.nn.Sequential(
            torch.nn.Conv2d(1, 20, 5), torch.nn.MaxPool2d(2), torch.nn.Conv2d(20, 50, 5), torch.nn.MaxPool2d(2),
            torch.nn.Flatten(), torch.nn.Linear(800, 500), torch.nn.ReLU(), torch.nn.Linear(500, 10),
        )  # fmt: skip
        self.sgd = torch.optim.SGD(self.network.parameters(), lr=0.01, momentum=0.9)
        self.images, self.labels = torch.rand(batch, 1, 28, 28), torch.randint(0, 10, (batch,))

    def step(self):
        self.sgd.zero_grad()
        F.cross_entropy(self.network(self.images), self.labels).backward()
        self.sgd.step()


def main():
    network = images = classes = training = None
    for line in sys.stdin:
        request = json.loads(line)
        if "about" in request:
            answer = about()
        elif "training" in request:
            training = Training(request["training"])
            answer = None
        elif "model" in request:
            network = Network(request["model"])
            shape = network.shape(request["batch"])
            images = torch.from_numpy((0.5 + 0.5 * np.sin(0.37 * np.arange(np.prod(shape)))).astype("float32").reshape(shape))
            classes = torch.full((shape[0],), 3)
            answer = shape
        else:
            started = time.perf_counter()
            if request["run"] == "training":
                training.step()
            elif request["run"] == "forward":
                with torch.no_grad():
                    network(images)
            else:
                x = images.detach().requires_grad_()
                torch.autograd.grad(F.cross_entropy(network(x), classes, reduction="sum"), x)
            answer = 1000 * (time.perf_counter() - started)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
