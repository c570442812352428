/** Numbers of the report for people; all take the integers of the ledger. */

const GROUPS = /\B(?=(\d{3})+$)/g;

/** Watt-hours as kWh with one decimal, rounded half up, thousands separated: `1,234.5`. */
export function formatKwh(energyWh: bigint): string {
  return formatFixed(energyWh, 1000n, 1);
}

/** Watts as kW with one decimal. */
export function formatKw(powerW: bigint): string {
  return formatFixed(powerW, 1000n, 1);
}

/** Micro-units of the currency with two decimals, negative allowed. */
export function formatMoney(amountMicro: bigint): string {
  return formatFixed(amountMicro, 1_000_000n, 2);
}

/** Micro-units per kWh as hundredths of the currency (cent) per kWh with two decimals. */
export function formatCentPerKwh(priceMicroPerKwh: bigint): string {
  return formatFixed(priceMicroPerKwh, 10_000n, 2);
}

/** A value of 1000 as `100.0 %`. */
export function formatPermille(permille: number): string {
  return `${(permille / 10).toFixed(1)} %`;
}

function formatFixed(value: bigint, unit: bigint, decimals: number): string {
  const scale = 10n ** BigInt(decimals);
  const magnitude = value < 0n ? -value : value;
  const scaled = (2n * magnitude * scale + unit) / (2n * unit);
  const whole = (scaled / scale).toString().replace(GROUPS, ',');
  const sign = value < 0n && scaled !== 0n ? '-' : '';
  return `${sign}${whole}.${(scaled % scale).toString().padStart(decimals, '0')}`;
}

/** Rows as columns of equal width; the first column is left-aligned, the others right-aligned. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** The middle of the values (of the two middle ones, the mean); 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
