/**
 * @file How each thing is drawn: shapes in a square of [-1, 1], with the colors, proportions and parts that such things have, each
 * drawn differently every time.
 */

import type { Random } from '../../random/random.ts';
import { anyColor, type Color, colorAbout, hsv, mix, type Paint, plain, shaded } from './color.ts';
import type { Layer } from './drawing.ts';
import { around, both, box, ellipse, moved, polygon, type Shape, stroke, union } from './shape.ts';

/** Draws one of its kind. */
export type Sketch = (random: Random) => readonly Layer[];

const [RED, ORANGE, YELLOW, GREEN, SKY, BLUE, BROWN] = [0.99, 0.08, 0.14, 0.3, 0.55, 0.62, 0.07];

/** Uniform between two numbers. */
function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

function chance(random: Random, share: number): boolean {
  return random.uniform() < share;
}

function layer(shape: Shape, paint: Paint | Color): Layer {
  return { shape, paint: typeof paint === 'function' ? paint : plain(paint) };
}

/** Lighter at the upper left, as if round. */
function rounded(color: Color, strength: number): Paint {
  return (x, y) => shaded(color, 1 - strength * (0.4 * x + 0.6 * y));
}

const apple: Sketch = (random) => {
  const skin = colorAbout(random, [RED, RED, 0.27, YELLOW], 0.85, 0.8);
  const [lobe, width] = [between(random, 0.3, 0.42), between(random, 0.5, 0.6)];
  const top = ellipse(0, -0.62, between(random, 0.18, 0.3), 0.16);
  const flesh = union(ellipse(-lobe, 0.05, width, 0.66), ellipse(lobe, 0.05, width, 0.66), ellipse(0, 0.2, 0.6, 0.62));
  const body: Shape = (x, y) => flesh(x, y) && !top(x, y);
  const tilt = between(random, -0.2, 0.2);
  const parts = [
    layer(stroke(0, -0.4, tilt, -0.92, 0.13), colorAbout(random, [BROWN], 0.6, 0.35)),
    layer(body, rounded(skin, between(random, 0.1, 0.4))),
  ];
  if (chance(random, 0.7)) {
    parts.push(layer(moved(tilt + 0.3, -0.75, ellipse(0, 0, 0.3, 0.14)), colorAbout(random, [GREEN], 0.7, 0.6)));
  }
  if (chance(random, 0.6)) parts.push(layer(ellipse(-0.4, -0.15, 0.13, 0.2), mix(skin, [1, 1, 1], 0.6)));
  return parts;
};

const ball: Sketch = (random) => {
  const [one, other] = [anyColor(random), anyColor(random)];
  const disc = ellipse(0, 0, 0.85);
  const parts = [layer(disc, rounded(one, between(random, 0.05, 0.35)))];
  const kind = random.integer(4);
  const marks: Shape =
    kind === 0
      ? around(3 + random.integer(2), polygon(0, 0, 0.9, -0.42, 0.9, 0.42))
      : kind === 1
        ? union(ellipse(0, 0, 0.27), around(5, ellipse(0.75, 0, 0.2)))
        : kind === 2
          ? box(-1, -between(random, 0.12, 0.3), 1, between(random, 0.12, 0.3))
          : union(
              (x, y) => Math.abs(Math.hypot(x - 1.1, y) - 0.75) < 0.07,
              (x, y) => Math.abs(Math.hypot(x + 1.1, y) - 0.75) < 0.07,
            );
  parts.push(layer(both(disc, marks), rounded(other, 0.2)));
  if (chance(random, 0.5)) parts.push(layer(ellipse(-0.35, -0.4, 0.15, 0.1), mix(one, [1, 1, 1], 0.7)));
  return parts;
};

const boat: Sketch = (random) => {
  const hull = anyColor(random);
  const sail = chance(random, 0.6) ? colorAbout(random, [0.1], 0.08, 0.95) : anyColor(random);
  const deck = between(random, 0.3, 0.45);
  const mast = between(random, -0.15, 0.1);
  const parts: Layer[] = [
    layer(stroke(mast, deck, mast, -0.92, 0.09), colorAbout(random, [BROWN], 0.5, 0.35)),
    layer(
      polygon(mast + 0.08, -0.88, mast + 0.08, deck - 0.1, between(random, 0.55, 0.8), deck - 0.1),
      rounded(sail, 0.15),
    ),
  ];
  if (chance(random, 0.7)) {
    parts.push(
      layer(
        polygon(mast - 0.08, -0.75, mast - 0.08, deck - 0.1, -between(random, 0.5, 0.7), deck - 0.1),
        rounded(sail, 0.3),
      ),
    );
  }
  parts.push(layer(polygon(-0.9, deck, 0.95, deck, 0.6, 0.75, -0.6, 0.75), rounded(hull, 0.2)));
  if (chance(random, 0.5)) parts.push(layer(box(-0.8, deck + 0.08, 0.85, deck + 0.17), anyColor(random)));
  if (chance(random, 0.7)) {
    const water = colorAbout(random, [SKY, BLUE], 0.6, 0.6);
    const phase = between(random, 0, 6);
    parts.push(layer((x, y) => y > 0.68 + 0.05 * Math.sin(9 * x + phase) && y < 1.1 && Math.abs(x) < 1.15, water));
  }
  return parts;
};

const car: Sketch = (random) => {
  const paint = anyColor(random);
  const [roof, bonnet] = [between(random, -0.62, -0.45), between(random, -0.08, 0.06)];
  const [from, to] = [between(random, -0.75, -0.5), between(random, 0.25, 0.6)];
  const glass = colorAbout(random, [SKY], 0.25, 0.75);
  const tyre: Color = shaded([1, 1, 1], between(random, 0.05, 0.2));
  const [front, radius] = [between(random, 0.45, 0.58), between(random, 0.2, 0.27)];
  const parts = [
    layer(polygon(from - 0.15, bonnet, from + 0.1, roof, to - 0.1, roof, to + 0.25, bonnet), rounded(paint, 0.2)),
    layer(polygon(from, bonnet - 0.05, from + 0.15, roof + 0.1, -0.06, roof + 0.1, -0.06, bonnet - 0.05), glass),
    layer(polygon(0.04, bonnet - 0.05, 0.04, roof + 0.1, to - 0.13, roof + 0.1, to + 0.1, bonnet - 0.05), glass),
    layer(
      union(box(-0.92, bonnet, 0.92, 0.42), ellipse(-0.85, 0.2, 0.12, 0.22), ellipse(0.88, 0.22, 0.1, 0.2)),
      rounded(paint, 0.25),
    ),
    layer(union(ellipse(-front, 0.42, radius), ellipse(front, 0.42, radius)), tyre),
    layer(union(ellipse(-front, 0.42, 0.45 * radius), ellipse(front, 0.42, 0.45 * radius)), [0.75, 0.75, 0.78]),
  ];
  if (chance(random, 0.7)) parts.push(layer(ellipse(0.88, 0.14, 0.08), hsv(YELLOW, 0.5, 1)));
  return parts;
};

const cloud: Sketch = (random) => {
  const light = colorAbout(random, [BLUE], 0.05, between(random, 0.75, 1));
  const puffs: Shape[] = [
    box(-0.65, 0.05, 0.65, 0.45),
    ellipse(-0.65, 0.2, 0.27, 0.25),
    ellipse(0.65, 0.2, 0.27, 0.25),
  ];
  const count = 3 + random.integer(3);
  for (let i = 0; i < count; i++) {
    const x = -0.55 + (1.1 * (i + between(random, 0.2, 0.8))) / count;
    puffs.push(ellipse(x, between(random, -0.2, 0.1), between(random, 0.24, 0.4), between(random, 0.25, 0.42)));
  }
  const parts: Layer[] = [];
  if (chance(random, 0.25)) {
    const rain = Array.from({ length: 4 }, (_, i) => stroke(-0.5 + 0.35 * i, 0.55, -0.6 + 0.35 * i, 0.9, 0.07));
    parts.push(layer(union(...rain), colorAbout(random, [BLUE], 0.6, 0.7)));
  }
  const shade = between(random, 0.1, 0.35);
  parts.push(layer(union(...puffs), (_, y) => shaded(light, 1 - shade * (y + 0.2))));
  return parts;
};

const fish: Sketch = (random) => {
  const [scales, fins] = [anyColor(random), anyColor(random)];
  const height = between(random, 0.36, 0.55);
  const body = ellipse(0.12, 0, 0.68, height);
  const parts = [
    layer(polygon(-0.4, 0, -0.95, -between(random, 0.35, 0.6), -0.8, 0, -0.95, between(random, 0.35, 0.6)), fins),
    layer(polygon(-0.1, -height + 0.1, 0.1, -height - between(random, 0.15, 0.3), 0.4, -height + 0.1), fins),
    layer(body, rounded(scales, between(random, 0.1, 0.5))),
  ];
  const kind = random.integer(3);
  if (kind === 0) {
    const gap = between(random, 0.22, 0.34);
    parts.push(
      layer(
        both(body, (x) => (((x % gap) + gap) % gap) / gap < 0.4 && x < 0.4),
        fins,
      ),
    );
  } else if (kind === 1) parts.push(layer(ellipse(0.08, 0.08, 0.2, 0.12), fins));
  parts.push(layer(ellipse(0.5, -0.1, 0.12), [0.97, 0.97, 0.97]), layer(ellipse(0.53, -0.1, 0.06), [0.05, 0.05, 0.08]));
  if (chance(random, 0.4)) parts.push(layer(stroke(0.66, 0.12, 0.78, 0.1, 0.05), shaded(scales, 0.4)));
  return parts;
};

const flower: Sketch = (random) => {
  const petals = colorAbout(random, [RED, 0.9, 0.8, YELLOW, BLUE, 0.1], chance(random, 0.2) ? 0.1 : 0.65, 0.9);
  const count = 5 + random.integer(4);
  const reach = between(random, 0.3, 0.38);
  const parts: Layer[] = [];
  const head = -between(random, 0.2, 0.4);
  if (chance(random, 0.85)) {
    const green = colorAbout(random, [GREEN, 0.25], 0.7, 0.5);
    parts.push(layer(stroke(0, head, between(random, -0.1, 0.1), 0.98, 0.1), green));
    if (chance(random, 0.7)) parts.push(layer(ellipse(0.25, 0.6, 0.25, 0.11), green));
    if (chance(random, 0.4)) parts.push(layer(ellipse(-0.25, 0.72, 0.25, 0.11), green));
  }
  const petal = ellipse(reach, 0, between(random, 0.2, 0.26), between(random, 0.12, 0.18));
  parts.push(
    layer(moved(0, head, around(count, petal, between(random, 0, 1))), rounded(petals, 0.15)),
    layer(ellipse(0, head, between(random, 0.15, 0.22)), colorAbout(random, [YELLOW, ORANGE, BROWN], 0.75, 0.75)),
  );
  return parts;
};

const house: Sketch = (random) => {
  const [walls, roof] = [
    chance(random, 0.5) ? colorAbout(random, [0.1], 0.2, 0.85) : anyColor(random),
    colorAbout(random, [RED, BROWN, 0.65], 0.6, 0.5),
  ];
  const [half, eaves] = [between(random, 0.55, 0.75), between(random, -0.2, 0)];
  const parts: Layer[] = [];
  if (chance(random, 0.6)) parts.push(layer(box(0.25, -0.85, 0.45, eaves), shaded(roof, 0.8)));
  parts.push(
    layer(box(-half, eaves, half, 0.85), rounded(walls, 0.15)),
    layer(
      polygon(-half - 0.2, eaves, between(random, -0.1, 0.1), between(random, -0.9, -0.7), half + 0.2, eaves),
      roof,
    ),
  );
  const door = between(random, -0.35, 0.1);
  parts.push(layer(box(door, 0.3, door + 0.28, 0.85), colorAbout(random, [BROWN, RED, GREEN], 0.6, 0.4)));
  const glass = chance(random, 0.5) ? hsv(YELLOW, 0.4, 1) : colorAbout(random, [SKY], 0.3, 0.7);
  parts.push(layer(box(half - 0.4, eaves + 0.2, half - 0.12, eaves + 0.5), glass));
  if (chance(random, 0.6)) parts.push(layer(box(-half + 0.08, eaves + 0.15, -half + 0.32, eaves + 0.42), glass));
  return parts;
};

const sun: Sketch = (random) => {
  const glow = colorAbout(random, [YELLOW, ORANGE, 0.12], 0.8, 0.97);
  const radius = between(random, 0.42, 0.55);
  const count = 8 + random.integer(6);
  const from = radius + between(random, -0.05, 0.1);
  const to = between(random, 0.85, 0.98);
  const ray = chance(random, 0.5)
    ? polygon(from, -0.13, to, 0, from, 0.13)
    : stroke(from + 0.05, 0, to - 0.05, 0, between(random, 0.08, 0.14));
  const parts = [
    layer(around(count, ray, between(random, 0, 1)), shaded(glow, between(random, 0.85, 1))),
    layer(ellipse(0, 0, radius), (x, y) => mix([1, 1, 0.8], glow, 0.4 + Math.hypot(x, y))),
  ];
  if (chance(random, 0.3)) {
    const dark: Color = [0.3, 0.18, 0.05];
    parts.push(layer(union(ellipse(-0.17, -0.1, 0.07), ellipse(0.17, -0.1, 0.07)), dark));
    parts.push(layer((x, y) => y > 0.08 && Math.abs(Math.hypot(x, y) - 0.26) < 0.05, dark));
  }
  return parts;
};

const tree: Sketch = (random) => {
  const leaves = colorAbout(random, [GREEN, 0.36, 0.27, 0.09, 0.04], 0.65, 0.5);
  const bark = colorAbout(random, [BROWN], 0.55, 0.35);
  const half = between(random, 0.08, 0.15);
  const parts = [layer(polygon(-half, 0, half, 0, 1.3 * half, 0.95, -1.3 * half, 0.95), bark)];
  if (chance(random, 0.4)) {
    const tiers = 2 + random.integer(2);
    for (let i = 0; i < tiers; i++) {
      const base = 0.5 - (0.9 / tiers) * i;
      const wide = 0.68 - 0.16 * i;
      parts.push(layer(polygon(-wide, base, 0, base - 0.75, wide, base), rounded(leaves, 0.25)));
    }
  } else {
    const crowns = 3 + random.integer(4);
    const crown = Array.from({ length: crowns }, () =>
      ellipse(
        0.33 * random.normal(),
        -0.3 + 0.2 * random.normal(),
        between(random, 0.3, 0.45),
        between(random, 0.3, 0.42),
      ),
    );
    parts.push(layer(union(ellipse(0, -0.25, 0.5, 0.5), ...crown), rounded(leaves, between(random, 0.2, 0.5))));
    if (chance(random, 0.25)) {
      const fruit = Array.from({ length: 5 }, () =>
        ellipse(0.3 * random.normal(), -0.3 + 0.22 * random.normal(), 0.09),
      );
      parts.push(layer(union(...fruit), colorAbout(random, [RED, ORANGE], 0.85, 0.85)));
    }
  }
  return parts;
};

/** By the names of the classes, in their order. */
export const SKETCHES = { apple, ball, boat, car, cloud, fish, flower, house, sun, tree } as const satisfies Readonly<
  Record<string, Sketch>
>;
