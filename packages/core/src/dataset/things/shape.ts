/** @file Plane shapes, as what a point is inside of. x runs to the right, y downwards. */

/** Whether a point is inside. */
export type Shape = (x: number, y: number) => boolean;

export function ellipse(cx: number, cy: number, rx: number, ry = rx): Shape {
  return (x, y) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
}

export function box(left: number, top: number, right: number, bottom: number): Shape {
  return (x, y) => x > left && x < right && y > top && y < bottom;
}

/** @param corners `x0, y0, x1, y1, ...` around it, either way; by the even-odd rule */
export function polygon(...corners: readonly number[]): Shape {
  const count = corners.length / 2;
  return (x, y) => {
    let inside = false;
    for (let i = 0, j = count - 1; i < count; j = i++) {
      const [xi, yi, xj, yj] = [corners[2 * i]!, corners[2 * i + 1]!, corners[2 * j]!, corners[2 * j + 1]!];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  };
}

/** A straight stroke with round ends. */
export function stroke(x0: number, y0: number, x1: number, y1: number, width: number): Shape {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  return (x, y) => {
    const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
    return (x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2 < (width / 2) ** 2;
  };
}

export function union(...shapes: readonly Shape[]): Shape {
  return (x, y) => shapes.some((shape) => shape(x, y));
}

export function both(a: Shape, b: Shape): Shape {
  return (x, y) => a(x, y) && b(x, y);
}

/** Around the origin, so many times, turned by equal angles. */
export function around(count: number, shape: Shape, phase = 0): Shape {
  const turns = Array.from({ length: count }, (_, i) => {
    const angle = phase + (2 * Math.PI * i) / count;
    return [Math.cos(angle), Math.sin(angle)] as const;
  });
  return (x, y) => turns.some(([cos, sin]) => shape(cos * x + sin * y, cos * y - sin * x));
}

/** Moved to the right and down. */
export function moved(dx: number, dy: number, shape: Shape): Shape {
  return (x, y) => shape(x - dx, y - dy);
}
