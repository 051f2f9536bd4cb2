/** @file How people write the digits: pen strokes in several styles for each. */

/** Points `x0, y0, x1, y1, ...` that a smooth curve passes through. x runs to the right, y downwards, both about 0 .. 1. */
export type Curve = readonly number[];

/** Curves drawn without lifting the pen. Each begins where the one before it ends; the joint is a corner. */
export type Stroke = readonly Curve[];

/** One way to write a digit. */
export interface Glyph {
  /** How common it is among the styles of its digit. */
  readonly weight: number;
  readonly strokes: readonly Stroke[];
}

/**
 * Reads strokes from text: points `x,y` in hundredths of the digit's height; `/` makes a corner of the point before it.
 */
function glyph(weight: number, ...strokes: readonly string[]): Glyph {
  return { weight, strokes: strokes.map(parseStroke) };
}

function parseStroke(text: string): Stroke {
  let corner: readonly number[] = [];
  return text.split(' / ').map((part) => {
    const curve = [...corner, ...part.split(/[ ,]/).map((value) => Number(value) / 100)];
    corner = curve.slice(-2);
    return curve;
  });
}

/** The styles of each digit 0 .. 9. */
export const GLYPHS: readonly (readonly Glyph[])[] = [
  [
    // An oval from the top.
    glyph(3, '52,2 24,12 8,46 16,82 44,98 74,84 86,48 74,14 46,3'),
    // Its ends cross.
    glyph(2, '66,10 42,3 16,30 12,68 34,97 66,88 84,55 76,20 54,3 38,10'),
    // Its end curls in.
    glyph(1, '35,8 14,35 12,72 40,97 74,82 84,42 64,6 36,5 30,18'),
  ],
  [
    // A bare line.
    glyph(5, '50,0 50,50 50,100'),
    // A bent line.
    glyph(2, '46,0 50,35 52,70 50,100'),
    // With a flag.
    glyph(1, '30,20 52,0 / 52,50 52,100'),
    // With flag and foot.
    glyph(0.7, '28,22 52,0 / 52,50 52,100', '22,100 82,99'),
  ],
  [
    // A curl at both ends.
    glyph(1.5, '18,30 16,12 42,0 70,8 74,36 60,70 34,92 10,94 6,76 26,66 54,78 92,98'),
    // A small bow on a long foot.
    glyph(0.7, '16,14 36,2 56,14 50,42 28,72 6,92 / 30,78 60,84 106,92'),
    // A flat foot.
    glyph(2, '10,24 22,7 50,1 76,14 76,38 50,68 8,97 / 45,94 90,96'),
    // A loop at the foot.
    glyph(3, '12,20 34,3 64,5 76,26 64,52 38,80 16,95 5,86 16,76 36,84 62,96 92,90'),
    // A curled beginning.
    glyph(1.5, '20,32 16,14 40,1 70,8 76,30 60,55 34,78 10,96 / 40,88 66,92 92,84'),
    // Angular.
    glyph(1, '12,8 40,2 72,8 74,30 42,66 12,92 / 50,96 88,94'),
  ],
  [
    // A small upper bow.
    glyph(1.5, '22,10 42,0 64,8 62,28 36,42 / 62,44 78,62 68,86 38,100 6,98'),
    // Two bows.
    glyph(3, '14,12 42,0 74,10 74,32 54,45 36,47 / 66,50 84,70 70,92 40,100 10,88'),
    // A flat top.
    glyph(0.7, '14,4 48,3 80,4 / 42,42 / 72,46 84,70 66,94 36,99 10,86'),
    // A loop in the middle.
    glyph(1.5, '16,14 40,1 70,8 72,30 50,46 36,50 38,44 56,45 80,60 80,84 52,100 14,90'),
  ],
  [
    // A low arm that reaches out.
    glyph(1, '20,6 10,40 12,62 / 50,64 102,56', '72,8 68,50 64,100'),
    // Open, with a corner.
    glyph(3, '16,4 12,30 14,52 / 45,54 84,48', '76,0 70,50 66,100'),
    // Closed.
    glyph(1.5, '62,2 36,30 8,62 / 45,64 92,60', '62,2 62,50 60,100'),
    // Open, with a bow.
    glyph(2, '12,6 10,36 28,54 56,50 78,32', '82,2 76,36 70,70 66,100'),
    // Open and narrow.
    glyph(1.5, '26,2 10,44 / 40,52 72,46', '80,6 70,50 60,100'),
  ],
  [
    // A long bar over a small belly.
    glyph(1.5, '26,8 18,44 / 40,42 58,56 62,76 46,95 20,98 4,84', '26,8 60,6 102,0'),
    // The bar drawn last.
    glyph(2, '28,5 20,42 / 46,36 72,50 76,74 54,95 24,97 6,88', '28,5 54,5 88,2'),
    // The bar drawn first.
    glyph(2, '84,4 54,5 28,8 / 20,42 / 52,42 76,60 70,86 40,100 8,92'),
    // Like an S.
    glyph(1.5, '86,6 50,3 26,16 24,36 50,46 74,62 70,86 40,99 10,90'),
  ],
  [
    // A bowl that hangs on the right.
    glyph(1.5, '22,0 10,40 12,76 32,98 64,94 88,72 80,52 58,50 44,72 52,94'),
    // A wide bowl.
    glyph(1.5, '34,0 14,36 6,70 26,96 62,98 92,82 84,60 54,54 24,70 24,90'),
    // A bent stem.
    glyph(3, '66,0 36,24 14,60 22,90 50,100 76,86 76,64 52,54 26,66 18,80'),
    // A straight stem with a small bowl.
    glyph(2, '52,0 30,32 14,66 20,92 46,100 70,88 70,68 48,60 22,72'),
    // A stem with a hook.
    glyph(1, '80,10 56,2 26,24 12,60 22,92 52,100 78,82 70,60 44,54 20,72'),
  ],
  [
    // A hook and a bar.
    glyph(1, '8,22 12,8 46,8 84,2 / 66,40 52,70 48,100', '26,56 56,54 90,48'),
    // Round-shouldered.
    glyph(2, '4,16 24,6 54,2 82,10 84,36 74,70 66,100'),
    // Plain.
    glyph(3, '10,6 45,7 84,4 / 62,42 46,72 38,100'),
    // With a bar.
    glyph(1, '10,6 45,7 84,4 / 64,42 48,72 40,100', '28,52 80,48'),
    // With a serif.
    glyph(1, '12,22 10,7 / 50,5 86,3 / 66,40 52,70 46,100'),
    // A wavy top.
    glyph(1.5, '10,14 30,4 62,8 86,4 / 70,36 56,66 52,100'),
  ],
  [
    // A fast one with a narrow foot.
    glyph(1.5, '70,12 40,2 14,16 30,36 56,52 66,78 50,98 34,88 44,60 64,36 92,4'),
    // One line from the top.
    glyph(3, '78,14 50,0 22,12 26,34 52,48 76,68 72,92 46,100 18,90 22,66 48,48 74,32 78,12'),
    // Two rings.
    glyph(1, '50,2 26,12 28,36 50,46 74,34 74,12 50,2', '50,46 20,62 20,88 50,99 80,86 78,60 50,46'),
    // One line, open at the top.
    glyph(2, '82,6 50,2 22,16 34,38 62,56 74,80 52,99 24,90 28,66 56,42 82,10'),
  ],
  [
    // A hooked tail.
    glyph(1, '78,10 50,2 22,16 20,38 46,46 70,30 78,10 / 76,50 68,84 46,100 24,94'),
    // Open at the top.
    glyph(0.7, '60,8 32,6 14,26 26,48 52,44 74,20 / 72,60 66,100'),
    // A large bowl.
    glyph(1, '80,22 56,0 16,8 6,36 30,58 64,50 80,22 / 80,60 78,100'),
    // A straight stem.
    glyph(3, '76,16 50,2 20,14 14,38 38,52 66,40 78,14 / 74,50 68,100'),
    // A curved tail.
    glyph(1, '76,18 52,2 24,14 20,38 42,52 68,40 78,14 / 80,50 66,86 40,100 16,92'),
    // One line without a corner.
    glyph(2, '72,20 48,2 20,16 18,40 42,50 66,34 74,12 72,44 64,74 56,100'),
  ],
];
