import { formatCentPerKwh, formatKwh, formatMoney, formatPermille, formatTable, median } from './format';

test.each([
  [0n, '0.0'],
  [49n, '0.0'],
  [50n, '0.1'],
  [1_234_567n, '1,234.6'],
  [999_960n, '1,000.0'],
])('%s Wh is printed as %s kWh', (energyWh, text) => {
  expect(formatKwh(energyWh)).toBe(text);
});

test.each([
  [1_234_567_890_000n, '1,234,567.89'],
  [-12_345_678n, '-12.35'],
  [-4_999n, '0.00'],
  [5_000n, '0.01'],
])('%s micro-units are printed as %s', (amountMicro, text) => {
  expect(formatMoney(amountMicro)).toBe(text);
});

test('prices and shares have their units', () => {
  expect(formatCentPerKwh(80_000n)).toBe('8.00');
  expect(formatPermille(1478)).toBe('147.8 %');
});

test('columns line up', () => {
  expect(
    formatTable([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
  ).toEqual(['a    bb', 'ccc   d']);
});

test.each([
  [[], 0],
  [[5], 5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %s', (values, middle) => {
  expect(median(values)).toBe(middle);
});
