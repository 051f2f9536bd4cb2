"""The networks that generators are trained with, in PyTorch, by the names that their weights have here."""

import base64

import numpy as np
import torch
import torch.nn.functional as F


def read(value, dtype="<f4"):
    return torch.from_numpy(np.frombuffer(base64.b64decode(value["data"]), dtype).reshape(value["dims"]).copy())


def written(value):
    array = value.detach().numpy().astype("<f4")
    return {"dims": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


class Network:
    """Weights by name, and running statistics, which follow every batch."""

    def __init__(self, constants, prefix):
        own = {name[len(prefix):]: value for name, value in constants.items() if name.startswith(prefix)}
        self.buffers = {name: value for name, value in own.items() if name.endswith((".mean", ".variance"))}
        self.weights = {
            name: value.requires_grad_() for name, value in own.items() if name not in self.buffers
        }
        self.prefix = prefix

    def has(self, layer):
        return f"{layer}.weight" in self.weights

    def dense(self, layer, x):
        return F.linear(x, self.weights[f"{layer}.weight"], self.weights[f"{layer}.bias"])

    def norm(self, layer, x):
        if f"{layer}.scale" not in self.weights:
            return x
        mean, variance = self.buffers[f"{layer}.mean"], self.buffers[f"{layer}.variance"]
        return F.batch_norm(x, mean, variance, self.weights[f"{layer}.scale"], self.weights[f"{layer}.bias"], True, 0.1)

    def constants(self):
        both = {**self.weights, **self.buffers}
        return {f"{self.prefix}{name}": written(value) for name, value in both.items()}


class Generator(Network):
    def __call__(self, z, labels, shape, classes):
        if classes:
            z = torch.cat([z, F.one_hot(labels, classes).float()], 1)
        return torch.tanh(self.pixels(z, shape))

    def pixels(self, z, shape):
        """Values of images that nothing bounds yet."""
        if not self.has("project"):
            h = torch.relu(self.dense("hidden1", z))
            return self.dense("pixels", torch.relu(self.dense("hidden2", h))).view(-1, *shape)
        layers = 1
        while self.has(f"up{layers + 1}"):
            layers += 1
        x = self.dense("project", z)
        x = x.view(len(z), self.weights["up1.weight"].shape[0], shape[1] >> layers, shape[2] >> layers)
        for index in range(layers):
            x = torch.relu(self.norm(f"norm{index}", x))
            bias = self.weights.get(f"up{index + 1}.bias")
            x = F.conv_transpose2d(x, self.weights[f"up{index + 1}.weight"], bias, 2, 1)
        return x


class Discriminator(Network):
    def __call__(self, x, labels, classes):
        x = self.features(x)
        logit = self.dense("verdict" if classes else "logit", x)
        if classes:
            logit = logit + (x * self.weights["projection.weight"][labels]).sum(1, keepdim=True)
        return logit

    def features(self, x):
        """What the last layer is given."""
        if self.has("hidden1"):
            x = F.leaky_relu(self.dense("hidden1", x.flatten(1)), 0.2)
            x = F.leaky_relu(self.dense("hidden2", x), 0.2)
        index = 1
        while self.has(f"down{index}"):
            x = F.conv2d(x, self.weights[f"down{index}.weight"], self.weights.get(f"down{index}.bias"), 2, 1)
            x = F.leaky_relu(self.norm(f"norm{index}", x), 0.2)
            index += 1
        return x.flatten(1)
