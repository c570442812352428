/**
 * A generator of numbers from 0 (inclusive) to 1 (exclusive) that gives the same sequence for the same seed: a 32-bit
 * counter with multiply-and-xor mixing (the public-domain splitmix construction). Good for choices, not for secrets.
 */
export function seededRandom(seed: number): () => number {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}
