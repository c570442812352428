import { execFile, spawnSync } from 'node:child_process';
import { join, sep } from 'node:path';

/** What a VEN does: reads a list, or sends a report. */
export type VenStep = 'programs' | 'events' | object;

/** What it is answered. */
export interface VenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Whatever the answer's JSON holds. */
  readonly body: ReturnType<typeof JSON.parse>;
}

/** Where a VEN logs in, and as whom. */
export interface VenLogin {
  readonly base: string;
  readonly id: string;
  readonly secret: string;
}

const PYTHON = process.env['OPENADR_PYTHON'] ?? 'python3';
const PROGRAM = join(__dirname, 'openadr-ven.py').replace(`${sep}dist${sep}`, sep);

/** True where the Python package openadr3 is the VEN; otherwise it is a plain client of HTTP. */
export const isPackageHere = spawnSync(PYTHON, ['-c', 'import openadr3'], { stdio: 'ignore' }).status === 0;

/** Logs in and does some steps one after the other. */
export function runVen(login: VenLogin, steps: readonly VenStep[]): Promise<readonly VenAnswer[]> {
  return isPackageHere ? runPackage(login, steps) : runPlain(login, steps);
}

function runPackage(login: VenLogin, steps: readonly VenStep[]): Promise<readonly VenAnswer[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(PYTHON, [PROGRAM], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as VenAnswer[]);
      else reject(new Error(`the VEN failed: ${stderr}`));
    });
    child.stdin?.end(JSON.stringify({ ...login, steps }));
  });
}

async function runPlain({ base, id, secret }: VenLogin, steps: readonly VenStep[]): Promise<readonly VenAnswer[]> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
  const login = await fetch(`${base}/auth/token`, { method: 'POST', body: form });
  const { access_token: token } = (await login.json()) as { readonly access_token: string };
  const authorization = { authorization: `Bearer ${token}` };
  const answers: VenAnswer[] = [];
  for (const step of steps) {
    const response =
      typeof step === 'string'
        ? await fetch(`${base}/${step}`, { headers: authorization })
        : await fetch(`${base}/reports`, {
            method: 'POST',
            headers: { ...authorization, 'content-type': 'application/json' },
            body: JSON.stringify(step),
          });
    const headers = Object.fromEntries(response.headers.entries());
    answers.push({ status: response.status, headers, body: await response.json() });
  }
  return answers;
}
