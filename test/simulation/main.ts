/** `npm run simulate -- year`: the SimBench year with and without a market, with its figures in bench/results/market-year.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { machineFacts } from '../bench/report';
import { repositoryRoot } from '../faults/fault-network';
import { playPerfectYear } from './perfect-year';
import { compareWorstQuarters } from './ac-year';
import { planDays, playDays, type Control, type Foresight, type PlannedDays } from './planned-year';
import { loadMarketYear, quartersPerDay, yearWithoutMarket } from './year-data';

const variants: readonly (readonly [Foresight, readonly Control[]])[] = [
  ['none', ['none', 'at-once', 'a-quarter-hour-late']],
  ['perfect-hours', ['none', 'at-once', 'a-quarter-hour-late']],
  ['forecast', ['none', 'at-once', 'a-quarter-hour-late']],
];

const defaultFile = join(repositoryRoot, 'bench', 'results', 'market-year.json');

function main([subject, option, file = defaultFile, ...others]: readonly string[]): void {
  if (subject !== 'year' || (option !== undefined && option !== '--json') || others.length > 0) {
    throw new Error('use: npm run simulate -- year [--json FILE]');
  }
  const facts = machineFacts();
  const startMs = performance.now();
  const say = (line: string): void => {
    process.stderr.write(`${((performance.now() - startMs) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
  };
  const year = loadMarketYear();
  const days = { from: 0, to: year.quarters / quartersPerDay };
  const withoutMarket = yearWithoutMarket(year);
  say(`without a market: ${withoutMarket.quartersExportOver} quarter hours over the transformer's limit`);
  const perfect = playPerfectYear(year, { from: 0, to: year.quarters });
  say(`perfect forecast: ${perfect.quartersOverTransformer} over, ${perfect.curtailedWh} Wh curtailed`);
  const planned = variants.flatMap(([foresight, controls]): readonly PlannedDays[] => {
    const plans = planDays(year, days, foresight);
    return controls.map((control) => {
      const played = playDays(year, plans, foresight, control);
      say(`${foresight}, ${control}: ${played.quartersOverTransformer} over`);
      return played;
    });
  });
  const ac = compareWorstQuarters(year);
  say(
    typeof ac === 'string'
      ? `no AC power flow: ${ac}`
      : `AC power flow: at most ${ac.after.mostTransformerLoadingPercent} % of the transformer`,
  );
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  const report = {
    simulation: 'market-year',
    ...facts,
    seconds,
    data: year.grid.code,
    withoutMarket,
    perfect,
    planned,
    acPowerFlow: ac,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  say(`the result is in ${file}`);
}

main(process.argv.slice(2));
