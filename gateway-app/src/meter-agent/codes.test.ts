import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY_ROOT } from '../paths';
import { agentErrorCodes } from './agent-error';
import { faultCodes } from './fault-codes';

test('the document explains every code of inputs and agents, in their order', () => {
  const document = readFileSync(path.join(REPOSITORY_ROOT, 'docs', 'meter-agent.md'), 'utf8');
  const codes = [...document.matchAll(/^\| `([A-Z0-9]+(?:_[A-Z0-9]+)+)` *\|/gm)].map((match) => match[1]);
  expect(codes).toEqual([...faultCodes, ...agentErrorCodes]);
});
