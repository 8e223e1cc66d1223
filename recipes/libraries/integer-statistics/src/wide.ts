/** The higher half of the last product of `multiply`. */
export let productHigh: u64 = 0;

/** The lower half of a product; the higher one is `productHigh`. */
export function multiply(a: u64, b: u64): u64 {
  const aHigh = a >> 32;
  const bHigh = b >> 32;
  const aLow = a & 0xffffffff;
  const bLow = b & 0xffffffff;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const other = aLow * bHigh + (middle & 0xffffffff);
  productHigh = aHigh * bHigh + (middle >> 32) + (other >> 32);
  return (other << 32) | (low & 0xffffffff);
}

/** The quotient, rounded down, which must be below 2^64; the divisor is below 2^63. */
export function divide(high: u64, low: u64, divisor: u64): u64 {
  if (high == 0) return low / divisor;
  let rest = high % divisor;
  let quotient: u64 = 0;
  for (let bit = 63; bit >= 0; bit--) {
    rest = (rest << 1) | ((low >> bit) & 1);
    quotient <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
  }
  return quotient;
}

/** The root of a quotient, rounded down: the greatest number whose square times `divisor` is at most the dividend. It is below 2^50, the divisor at most 2^31. */
export function squareRoot(high: u64, low: u64, divisor: u64): u64 {
  let root: u64 = 0;
  for (let bit = 49; bit >= 0; bit--) {
    const tried = root | ((<u64>1) << bit);
    const square = multiply(tried, tried);
    const squareHigh = productHigh;
    const product = multiply(square, divisor);
    const carried = productHigh;
    // A square is below 2^100: its higher half times the divisor is below 2^67, and may be too much.
    if (squareHigh != 0 && squareHigh > (<u64>0xffffffffffffffff - carried) / divisor) continue;
    const productTop = squareHigh * divisor + carried;
    if (productTop < high || (productTop == high && product <= low)) root = tried;
  }
  return root;
}
