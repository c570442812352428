import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The domain as it is built, whether this file is run from its source or built itself. */
const DOMAIN = join(dirname(require.resolve('@flexledger/domain')), '..', 'dist', 'index.js');

/** Writes a plug-in that takes the place of the built-in day-ahead forecast; `body` makes the output from `right`, which that would make. */
export function writePlugIn(folder: string, name: string, body: string): string {
  const file = join(folder, `${name}.js`);
  const text = `
const { forecastMean, forecastModel } = require(${JSON.stringify(DOMAIN)});

module.exports = {
  kind: 'forecast',
  name: 'forecast-day-ahead',
  version: '1',
  async run({ history, request }) {
    const right = { model: forecastModel, series: forecastMean(history, request) };
    ${body}
  },
};
`;
  writeFileSync(file, text);
  return file;
}
