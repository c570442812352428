import { ClassicLevel } from 'classic-level';
import type { SignedAnswer } from './port';
import { instant } from './quantities';
import type { ReportRequest } from './report-schema';
import { tokenDigest } from './secret';
import type { ObjectMetadata, Stamped, Unstamped } from './wire';

/** A report, and the command that came of it. */
export interface StoredReport {
  readonly format: 1;
  readonly reportId: string;
  readonly clientId: string;
  readonly aggregatorId: string;
  readonly programId: string;
  readonly report: ReportRequest;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** What the prosumer's key has signed because of it, on the disk before it is sent. */
  readonly answer?: SignedAnswer;
  /** What else has been signed because of it: energies that go to the ledger, and when the prosumer can be called. */
  readonly filings?: readonly SignedAnswer[];
  /** Why something of it stays with the VTN alone. */
  readonly kept?: readonly string[];
  /** OPEN until the ledger has taken the answer and the filings, or refused one of these. */
  readonly state: 'OPEN' | 'DONE';
}

interface StoredTimes {
  readonly digest: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** What a VTN keeps beside the ledger: reports, and when it first had its objects and last saw them change. Synced to the disk. */
export class VtnStore {
  readonly #database: ClassicLevel<string, StoredReport | StoredTimes>;
  readonly #now: () => number;

  private constructor(database: ClassicLevel<string, StoredReport | StoredTimes>, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** @throws Error with code LEVEL_LOCKED as cause when another process holds the folder */
  static async open(directory: string, now: () => number): Promise<VtnStore> {
    const database = new ClassicLevel<string, StoredReport | StoredTimes>(directory, { valueEncoding: 'json' });
    await database.open();
    return new VtnStore(database, now);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** An object with its id and times: the ledger's rows tell no time of the day, so these are when this VTN saw them. */
  async stamp<T>({ body, id }: Unstamped<T>): Promise<Stamped<T>> {
    const [key, digest, now] = [`time/${id}`, tokenDigest(JSON.stringify(body)), this.#now()];
    const known = (await this.#database.get(key)) as StoredTimes | undefined;
    const times = known?.digest === digest ? known : { digest, createdMs: known?.createdMs ?? now, modifiedMs: now };
    if (times !== known) await this.#database.put(key, times, { sync: true });
    return { ...metadata(id, times), ...body };
  }

  async report(clientId: string, reportId: string): Promise<StoredReport | undefined> {
    return (await this.#database.get(reportKey(clientId, reportId))) as StoredReport | undefined;
  }

  /** Reports in the order in which they came; those of one client, or of all. */
  async reports(clientId?: string): Promise<readonly StoredReport[]> {
    const prefix = clientId === undefined ? 'report/' : `report/${clientId}/`;
    const values = await this.#database.values({ gt: prefix, lt: `${prefix}~` }).all();
    return (values as StoredReport[]).sort(
      (left, right) => left.createdMs - right.createdMs || (left.reportId < right.reportId ? -1 : 1),
    );
  }

  async saveReport(report: StoredReport): Promise<void> {
    await this.#database.put(reportKey(report.clientId, report.reportId), report, { sync: true });
  }

  async removeReport({ clientId, reportId }: StoredReport): Promise<void> {
    await this.#database.del(reportKey(clientId, reportId), { sync: true });
  }
}

/** The metadata of an object with these times. */
export function metadata(id: string, times: Pick<StoredTimes, 'createdMs' | 'modifiedMs'>): ObjectMetadata {
  return { id, createdDateTime: instant(times.createdMs), modificationDateTime: instant(times.modifiedMs) };
}

function reportKey(clientId: string, reportId: string): string {
  return `report/${clientId}/${reportId}`;
}
