"""The training step of two networks against each other in PyTorch: what ours is held against, in values and in speed.

Reads lines of JSON from standard input and answers each with a line. {"about": true} with version, threads and BLAS,
{"threads": n} with null. {"open":
{"constants", "target", "gradientPenalty"}} makes the networks, with constants by name as {"dims", "data"}, the data in base64,
and answers null; {"step": {"latent", "images", "labels"}} makes a step and answers with its losses; {"run": ...} repeats it and
answers with the milliseconds that it took, of processor time with "clock": "processor"; {"constants": true} with the constants; {"gradients": {"latent", "images", "labels"}}
with those of both losses by the weights, which stay as they are.
"""

import base64
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_about import about

torch.set_num_threads(2)


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
        if not self.has("project"):
            h = torch.relu(self.dense("hidden1", z))
            return torch.tanh(self.dense("pixels", torch.relu(self.dense("hidden2", h)))).view(-1, *shape)
        layers = 1
        while self.has(f"up{layers + 1}"):
            layers += 1
        x = self.dense("project", z)
        x = x.view(len(z), self.weights["up1.weight"].shape[0], shape[1] >> layers, shape[2] >> layers)
        for index in range(layers):
            x = torch.relu(self.norm(f"norm{index}", x))
            bias = self.weights.get(f"up{index + 1}.bias")
            x = F.conv_transpose2d(x, self.weights[f"up{index + 1}.weight"], bias, 2, 1)
        return torch.tanh(x)


class Discriminator(Network):
    def __call__(self, x, labels, classes):
        if self.has("hidden1"):
            x = F.leaky_relu(self.dense("hidden1", x.flatten(1)), 0.2)
            x = F.leaky_relu(self.dense("hidden2", x), 0.2)
        index = 1
        while self.has(f"down{index}"):
            x = F.conv2d(x, self.weights[f"down{index}.weight"], self.weights.get(f"down{index}.bias"), 2, 1)
            x = F.leaky_relu(self.norm(f"norm{index}", x), 0.2)
            index += 1
        x = x.flatten(1)
        logit = self.dense("verdict" if classes else "logit", x)
        if classes:
            logit = logit + (x * self.weights["projection.weight"][labels]).sum(1, keepdim=True)
        return logit


class Game:
    def __init__(self, request):
        constants = {name: read(value) for name, value in request["constants"].items()}
        self.generator = Generator(constants, "generator.")
        self.discriminator = Discriminator(constants, "discriminator.")
        projection = self.discriminator.weights.get("projection.weight")
        self.classes = 0 if projection is None else len(projection)
        self.target, self.penalty = request["target"], request.get("gradientPenalty")

        def adam(network):
            return torch.optim.Adam(network.weights.values(), lr=2e-4, betas=(0.5, 0.999), eps=1e-8)

        self.adams = adam(self.discriminator), adam(self.generator)

    def generated(self, latent, labels, images):
        return self.generator(latent, labels, images.shape[1:], self.classes)

    def discriminator_loss(self, fake, images, labels):
        images = images.requires_grad_(self.penalty is not None)
        real = self.discriminator(images, labels, self.classes)
        judged = self.discriminator(fake.detach(), labels, self.classes)
        cross_entropy = F.binary_cross_entropy_with_logits
        loss = cross_entropy(real, torch.full_like(real, self.target)) + cross_entropy(judged, torch.zeros_like(judged))
        if self.penalty is not None:
            (slope,) = torch.autograd.grad(real.sum(), images, create_graph=True)
            loss = loss + self.penalty / 2 * slope.flatten(1).square().sum(1).mean()
        return loss

    def generator_loss(self, fake, labels):
        judged = self.discriminator(fake, labels, self.classes)
        return F.binary_cross_entropy_with_logits(judged, torch.ones_like(judged))

    def step(self, latent, images, labels):
        fake = self.generated(latent, labels, images)
        self.adams[0].zero_grad()
        discriminator_loss = self.discriminator_loss(fake, images, labels)
        discriminator_loss.backward()
        self.adams[0].step()
        self.adams[1].zero_grad()
        generator_loss = self.generator_loss(fake, labels)
        generator_loss.backward()
        self.adams[1].step()
        return discriminator_loss.item(), generator_loss.item()

    def gradients(self, latent, images, labels):
        fake = self.generated(latent, labels, images)
        answer = {}
        losses = (self.discriminator_loss(fake, images, labels), self.generator_loss(fake, labels))
        for network, loss in zip((self.discriminator, self.generator), losses):
            for name, value in zip(network.weights, torch.autograd.grad(loss, network.weights.values())):
                answer[f"{network.prefix}{name}"] = written(value)
        return answer


def batch(request):
    labels = read(request["labels"], "<i8") if "labels" in request else None
    return read(request["latent"]), read(request["images"]), labels


def main():
    game = last = None
    for line in sys.stdin:
        request = json.loads(line)
        if "about" in request:
            answer = about()
        elif "threads" in request:
            answer = torch.set_num_threads(request["threads"])
        elif "open" in request:
            game, answer = Game(request["open"]), None
        elif "constants" in request:
            answer = {**game.generator.constants(), **game.discriminator.constants()}
        elif "gradients" in request:
            answer = game.gradients(*batch(request["gradients"]))
        elif "step" in request:
            last = batch(request["step"])
            answer = game.step(*last)
        else:
            clock = time.process_time if request.get("clock") == "processor" else time.perf_counter
            started = clock()
            game.step(*last)
            answer = 1000 * (clock() - started)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
