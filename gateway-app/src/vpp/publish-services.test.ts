import { readFileSync } from 'node:fs';
import path from 'node:path';
import { publishService, type ServiceId, type ServiceProduct } from '@flexledger/domain';
import { publishServices, readCatalogue, type CatalogueLedger } from './publish-services';

const text = readFileSync(path.join(__dirname, '..', '..', '..', 'data', 'service-catalogue', 'services.json'), 'utf8');

/** A ledger in memory that judges services by the domain's own rule. */
function memoryLedger(role: 'tso' | 'dso' | 'market', services = new Map<ServiceId, ServiceProduct>()) {
  const ledger: CatalogueLedger = {
    mspId: `${role}MSP`,
    evaluate: (_contract, _transaction, { serviceId }) => Promise.resolve({ service: services.get(serviceId) ?? null }),
    submit: (_contract, _transaction, { commandId: _command, ...asked }) => {
      const publisher = { mspId: `${role}MSP`, role };
      const known = { publisher, before: services.get(asked.serviceId), use: { openRequests: 0 } };
      const response = publishService(asked, known);
      services.set(asked.serviceId, response);
      return Promise.resolve({ response });
    },
  };
  return { ledger, services };
}

describe('the catalogue of services', () => {
  it('is published by those who buy, each its own, and taken by the rule', async () => {
    const services = new Map<ServiceId, ServiceProduct>();
    const lines: string[] = [];
    for (const role of ['tso', 'dso', 'market'] as const) {
      await publishServices(memoryLedger(role, services).ledger, role, readCatalogue(text), (line) => lines.push(line));
    }
    expect([...services.values()].map(({ publisherMspId, serviceId }) => `${publisherMspId} ${serviceId}`)).toEqual([
      'tsoMSP fcr',
      'tsoMSP afrr',
      'tsoMSP mfrr',
      'tsoMSP power-factor',
      'dsoMSP dso-flexibility',
      'marketMSP wholesale-capacity',
      'marketMSP wholesale-energy',
    ]);
    expect(lines).toContain('power-factor is published by tsoMSP: left to it');
  });

  it('has the figures of the reserves: seconds, slices of four hours, whole megawatts', () => {
    const reserves = readCatalogue(text).filter(({ kind }) => ['fcr', 'afrr', 'mfrr'].includes(kind));
    const figures = reserves.map(({ bidMinW, bidStepW, directions, fullActivationSeconds, payment, sliceSlots }) => {
      return [fullActivationSeconds, sliceSlots, bidMinW, bidStepW, directions.join(), payment];
    });
    expect(figures).toEqual([
      [30, 16, 1_000_000n, 1_000_000n, 'symmetric', 'pay-as-cleared'],
      [300, 16, 1_000_000n, 1_000_000n, 'up,down', 'pay-as-bid'],
      [750, 16, 1_000_000n, 1_000_000n, 'up,down', 'pay-as-bid'],
    ]);
  });

  it('can be published again: what is there stays, what differs is a new version', async () => {
    const { ledger } = memoryLedger('tso');
    const lines: string[] = [];
    const catalogue = readCatalogue(text);
    await publishServices(ledger, 'tso', catalogue, () => undefined);
    const changed = catalogue.map((service) => (service.kind === 'mfrr' ? { ...service, name: 'mFRR' } : service));
    await publishServices(ledger, 'tso', changed, (line) => lines.push(line));
    expect(lines.slice(0, 3)).toEqual([
      'fcr is published already, version 1',
      'afrr is published already, version 1',
      'mfrr is published, version 2',
    ]);
  });

  it('names the field that is wrong', () => {
    const wrong = text.replace('"fullActivationSeconds": 30', '"fullActivationSeconds": 0');
    expect(() => readCatalogue(wrong)).toThrow('/0/fullActivationSeconds');
  });
});
