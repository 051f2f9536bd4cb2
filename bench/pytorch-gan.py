"""The training step of two networks against each other in PyTorch: what ours is held against, in values and in speed.

Reads lines of JSON from standard input and answers each with a line. {"about": true} with version, threads and BLAS,
{"threads": n} with null. {"open":
{"constants", "target", "gradientPenalty"}} makes the networks, with constants by name as {"dims", "data"}, the data in base64,
and answers null; {"step": {"latent", "images", "labels"}} makes a step and answers with its losses; {"run": ...} repeats it and
answers with the milliseconds that it took, of processor time with "clock": "processor"; {"constants": true} with the constants; {"gradients": {"latent", "images", "labels"}}
with those of both losses by the weights, which stay as they are.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from pytorch_about import about
from pytorch_networks import Discriminator, Generator, read, written

torch.set_num_threads(2)


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
