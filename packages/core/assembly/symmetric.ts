// Symmetric matrices of f64, row by row: the square root and its inverse by eigenvectors (Householder's tridiagonal form and
// the QL algorithm with implicit shifts; Wilkinson and Reinsch 1971, contributions II/2 and II/4), products with rows, and
// weighted sums of outer products. Eigenvectors are rows here, so that every inner loop runs along memory. The plain twin is
// src/emitter/cma-es/symmetric-plain.ts.

const EPSILON: f64 = 2.220446049250313e-16;

/** Below it an element beside the diagonal is 0, also where the diagonal is; the matrix is scaled to 1. */
const NOTHING: f64 = 1e-300;

/** The sum of squares of what is nothing beside the largest entry, still far from where squares lose their digits. */
const NOTHING_SQUARED: f64 = 1e-280;

/** Steps for one eigenvalue after which the matrix is taken to hold no numbers; 2 or 3 are usual. */
const STEPS = 60;

/**
 * The symmetric square root of a matrix and its inverse.
 *
 * @param n rows
 * @param matrix n x n; its lower triangle is read, and overwritten
 * @param vectors n x n of scratch space
 * @param scratch room for 4 n
 * @param root receives n x n, and is scratch space before
 * @param inverse receives n x n
 * @param values receives the n eigenvalues, no less than `smallest`, in no order
 * @returns 0, or 1 where there are no eigenvalues, as of a matrix that holds what is no number
 */
export function symmetricRoots(
  n: i32, matrix: usize, vectors: usize, scratch: usize, root: usize, inverse: usize, values: usize, smallest: f64,
): i32 {
  const size: usize = <usize>n << 3;
  const off = scratch;
  const vector = scratch + size;
  const other = vector + size;
  const halves = other + size;
  const largest = scaleDown(matrix, n);
  // Comparisons with what is no number are false.
  if (!(largest < Infinity)) return 1;
  tridiagonal(n, matrix, values, off, vector, other, halves);
  accumulate(n, matrix, vectors, halves);
  if (!implicitQl(n, values, off, vectors)) return 1;
  for (let i: usize = 0; i < size; i += 8) {
    const value = max(smallest, load<f64>(values + i) * largest);
    if (!(value < Infinity)) return 1;
    store<f64>(values + i, value);
    store<f64>(vector + i, Math.sqrt(value));
  }
  // Rows of eigenvectors become columns, so that entries are products of rows.
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) store<f64>(matrix + at(n, i, k), load<f64>(vectors + at(n, k, i)));
  }
  for (let i = 0; i < n; i++) {
    const row = matrix + at(n, i, 0);
    for (let k: usize = 0; k < size; k += 8) {
      const scale = load<f64>(vector + k);
      store<f64>(other + k, load<f64>(row + k) * scale);
      store<f64>(halves + k, load<f64>(row + k) / scale);
    }
    for (let j = 0; j <= i; j++) {
      const column = matrix + at(n, j, 0);
      mirror(root, n, i, j, dot(column, other, n));
      mirror(inverse, n, i, j, dot(column, halves, n));
    }
  }
  return 0;
}

/**
 * Rows times a symmetric matrix.
 *
 * @param matrix n x n
 * @param rows count x n
 * @param out receives count x n; no place of the rows
 */
export function symmetricProducts(n: i32, matrix: usize, rows: usize, out: usize, count: i32): void {
  const size: usize = <usize>n << 3;
  const pairs: usize = <usize>(n & ~1) << 3;
  for (let r = 0; r < count; r++, rows += size, out += size) {
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      const a = matrix + at(n, i, 0);
      const b = a + size;
      const c = b + size;
      const d = c + size;
      let p = f64x2.splat(0);
      let q = f64x2.splat(0);
      let s = f64x2.splat(0);
      let t = f64x2.splat(0);
      for (let k: usize = 0; k < pairs; k += 16) {
        const x = v128.load(rows + k);
        p = f64x2.add(p, f64x2.mul(v128.load(a + k), x));
        q = f64x2.add(q, f64x2.mul(v128.load(b + k), x));
        s = f64x2.add(s, f64x2.mul(v128.load(c + k), x));
        t = f64x2.add(t, f64x2.mul(v128.load(d + k), x));
      }
      let first = sum(p);
      let second = sum(q);
      let third = sum(s);
      let fourth = sum(t);
      if (pairs < size) {
        const x = load<f64>(rows + pairs);
        first += load<f64>(a + pairs) * x;
        second += load<f64>(b + pairs) * x;
        third += load<f64>(c + pairs) * x;
        fourth += load<f64>(d + pairs) * x;
      }
      const to = out + (<usize>i << 3);
      store<f64>(to, first);
      store<f64>(to, second, 8);
      store<f64>(to, third, 16);
      store<f64>(to, fourth, 24);
    }
    for (; i < n; i++) store<f64>(out + (<usize>i << 3), dot(matrix + at(n, i, 0), rows, n));
  }
}

/**
 * `matrix <- keep matrix + sum_k weights_k y_k y_k'`.
 *
 * @param matrix n x n, symmetric
 * @param rows the y: count x n
 * @param weights count of them
 */
export function symmetricUpdate(n: i32, matrix: usize, keep: f64, rows: usize, weights: usize, count: i32): void {
  for (let i = 0; i < n; i++) {
    const row = matrix + at(n, i, 0);
    scale(row, keep, i + 1);
    for (let k = 0; k < count; k++) {
      const y = rows + at(n, k, 0);
      add(row, y, load<f64>(weights + (<usize>k << 3)) * load<f64>(y + (<usize>i << 3)), i + 1);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) store<f64>(matrix + at(n, j, i), load<f64>(matrix + at(n, i, j)));
  }
}

/** Divides the lower triangle by its largest size, which is returned; by 1 where all is as good as 0. */
function scaleDown(matrix: usize, n: i32): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) {
    // `max` of what is no number is no number.
    for (let j = 0; j <= i; j++) largest = max(largest, Math.abs(load<f64>(matrix + at(n, i, j))));
  }
  if (largest < NOTHING) return 1;
  for (let i = 0; i < n; i++) scale(matrix + at(n, i, 0), 1 / largest, i + 1);
  return largest;
}

/**
 * Brings the matrix to tridiagonal form by reflections, from the last row on. Row i keeps its reflection's vector u in its
 * first i places, and `halves` the half of its square, 0 where nothing was reflected.
 */
function tridiagonal(n: i32, matrix: usize, values: usize, off: usize, u: usize, p: usize, halves: usize): void {
  for (let i = n - 1; i >= 0; i--) {
    const here = <usize>i << 3;
    const row = matrix + at(n, i, 0);
    store<f64>(values + here, load<f64>(row + here));
    store<f64>(halves + here, 0);
    if (i == 0) {
      store<f64>(off, 0);
      break;
    }
    const last = row + here - 8;
    const edge = load<f64>(last);
    const square = dot(row, row, i);
    // A row that is tridiagonal already needs no reflection; beside the largest entry, 1, what is left out is nothing.
    if (i == 1 || dot(row, row, i - 1) < NOTHING_SQUARED) {
      store<f64>(off + here, edge);
      continue;
    }
    const length = edge > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    store<f64>(off + here, length);
    store<f64>(last, edge - length);
    const half = square - edge * length;
    store<f64>(halves + here, half);
    memory.copy(u, row, here);

    // p = A u / half, of the lower triangle.
    memory.fill(p, 0, here);
    for (let j = 0; j < i; j++) {
      const line = matrix + at(n, j, 0);
      const there = <usize>j << 3;
      const own = load<f64>(u + there);
      const below = dot(line, u, j);
      add(p, line, own, j);
      store<f64>(p + there, load<f64>(p + there) + below + load<f64>(line + there) * own);
    }
    scale(p, 1 / half, i);
    add(p, u, -dot(u, p, i) / (2 * half), i);
    for (let j = 0; j < i; j++) {
      const line = matrix + at(n, j, 0);
      const there = <usize>j << 3;
      addBoth(line, u, -load<f64>(p + there), p, -load<f64>(u + there), j + 1);
    }
  }
}

/** The product of the reflections as rows: its row k begins as the k-th vector of the tridiagonal matrix's basis. */
function accumulate(n: i32, matrix: usize, vectors: usize, halves: usize): void {
  memory.fill(vectors, 0, at(n, n, 0));
  for (let i = 0; i < n; i++) {
    store<f64>(vectors + at(n, i, i), 1);
    const half = load<f64>(halves + (<usize>i << 3));
    if (half == 0) continue;
    const u = matrix + at(n, i, 0);
    for (let j = 0; j < i; j++) {
      const line = vectors + at(n, j, 0);
      add(line, u, -dot(line, u, i) / half, i);
    }
  }
}

/** Turns a tridiagonal matrix into its eigenvalues, and the rows of its basis into eigenvectors; whether it could. */
function implicitQl(n: i32, values: usize, off: usize, vectors: usize): bool {
  // Element i beside the diagonal lies between i and i + 1 from here on.
  memory.copy(off, off + 8, <usize>(n - 1) << 3);
  store<f64>(off + (<usize>(n - 1) << 3), 0);
  for (let l = 0; l < n; l++) {
    for (let steps = 0; ; steps++) {
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.abs(element(values, m)) + Math.abs(element(values, m + 1));
        if (Math.abs(element(off, m)) <= EPSILON * size + NOTHING) break;
      }
      if (m == l) break;
      if (steps == STEPS) return false;
      const edge = element(off, l);
      let g = (element(values, l + 1) - element(values, l)) / (2 * edge);
      let r = hypotenuse(g, 1);
      g = element(values, m) - element(values, l) + edge / (g + (g >= 0 ? r : -r));
      let s: f64 = 1;
      let c: f64 = 1;
      let p: f64 = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        let f = s * element(off, i);
        const b = c * element(off, i);
        r = hypotenuse(f, g);
        put(off, i + 1, r);
        if (r == 0) {
          put(values, i + 1, element(values, i + 1) - p);
          put(off, m, 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = element(values, i + 1) - p;
        r = (element(values, i) - g) * s + 2 * c * b;
        p = s * r;
        put(values, i + 1, g + p);
        g = c * r - b;
        rotate(vectors + at(n, i, 0), vectors + at(n, i + 1, 0), c, s, n);
      }
      if (r == 0 && i >= l) continue;
      put(values, l, element(values, l) - p);
      put(off, l, g);
      put(off, m, 0);
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function at(n: i32, row: i32, column: i32): usize {
  return (<usize>row * <usize>n + <usize>column) << 3;
}

// @ts-ignore: decorator
@inline
function element(list: usize, index: i32): f64 {
  return load<f64>(list + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
function put(list: usize, index: i32, value: f64): void {
  store<f64>(list + (<usize>index << 3), value);
}

// @ts-ignore: decorator
@inline
function mirror(matrix: usize, n: i32, i: i32, j: i32, value: f64): void {
  store<f64>(matrix + at(n, i, j), value);
  store<f64>(matrix + at(n, j, i), value);
}

/** The matrix is scaled to 1, so that squares neither overflow nor lose what counts. */
// @ts-ignore: decorator
@inline
function hypotenuse(a: f64, b: f64): f64 {
  return Math.sqrt(a * a + b * b);
}

// @ts-ignore: decorator
@inline
function sum(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** The scalar product of `count` numbers, in four sums that do not wait for each other. */
function dot(a: usize, b: usize, count: i32): f64 {
  let s = f64x2.splat(0);
  let t = f64x2.splat(0);
  const end = a + (<usize>(count & ~3) << 3);
  for (; a < end; a += 32, b += 32) {
    s = f64x2.add(s, f64x2.mul(v128.load(a), v128.load(b)));
    t = f64x2.add(t, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  let result = sum(f64x2.add(s, t));
  for (const last = end + (<usize>(count & 3) << 3); a < last; a += 8, b += 8) result += load<f64>(a) * load<f64>(b);
  return result;
}

/** `y <- y + factor x`. */
function add(y: usize, x: usize, factor: f64, count: i32): void {
  const factors = f64x2.splat(factor);
  const end = y + (<usize>(count & ~1) << 3);
  for (; y < end; y += 16, x += 16) v128.store(y, f64x2.add(v128.load(y), f64x2.mul(factors, v128.load(x))));
  if ((count & 1) != 0) store<f64>(y, load<f64>(y) + factor * load<f64>(x));
}

/** `y <- y + f a + g b`. */
function addBoth(y: usize, a: usize, f: f64, b: usize, g: f64, count: i32): void {
  const fs = f64x2.splat(f);
  const gs = f64x2.splat(g);
  const end = y + (<usize>(count & ~1) << 3);
  for (; y < end; y += 16, a += 16, b += 16) {
    const both = f64x2.add(f64x2.mul(fs, v128.load(a)), f64x2.mul(gs, v128.load(b)));
    v128.store(y, f64x2.add(v128.load(y), both));
  }
  if ((count & 1) != 0) store<f64>(y, load<f64>(y) + (f * load<f64>(a) + g * load<f64>(b)));
}

function scale(x: usize, factor: f64, count: i32): void {
  const factors = f64x2.splat(factor);
  const end = x + (<usize>(count & ~1) << 3);
  for (; x < end; x += 16) v128.store(x, f64x2.mul(factors, v128.load(x)));
  if ((count & 1) != 0) store<f64>(x, factor * load<f64>(x));
}

/** Turns two rows: `a <- c a - s b`, `b <- s a + c b`. */
function rotate(a: usize, b: usize, c: f64, s: f64, count: i32): void {
  const cs = f64x2.splat(c);
  const ss = f64x2.splat(s);
  const end = a + (<usize>(count & ~1) << 3);
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    v128.store(b, f64x2.add(f64x2.mul(ss, x), f64x2.mul(cs, y)));
    v128.store(a, f64x2.sub(f64x2.mul(cs, x), f64x2.mul(ss, y)));
  }
  if ((count & 1) != 0) {
    const x = load<f64>(a);
    const y = load<f64>(b);
    store<f64>(b, s * x + c * y);
    store<f64>(a, c * x - s * y);
  }
}
