import { slot, wh } from '@flexledger/domain';
import { responseTo } from '../answer';
import { readMessage, writeMessage, type MessageName, type UftpRelease } from '../messages';
import {
  dPrognosisMessage,
  flexOfferMessage,
  flexOfferRevocationMessage,
  flexOrderMessage,
  flexRequestMessage,
  meteringMessage,
  reservationMessage,
} from '../outgoing';
import { flexSettlementMessage, settleOrder } from '../settlement';
import { exampleRows, exampleSettings } from './example-rows';

/** One message of each kind, with its response where it has one, as XML by the name of its element. */
export function exampleMessages(release: UftpRelease = 'next'): ReadonlyMap<MessageName, string> {
  const about = { settings: exampleSettings, timeStamp: '2016-05-16T12:00:00Z' };
  const { offer, order, prognosis, request, reservation } = exampleRows();
  const metered = [72, 73].map((isp) => ({
    slot: slot(prognosis.periodSlot + isp),
    importWh: wh(2_000n),
    exportWh: wh(500n),
  }));
  const day = { periodSlot: prognosis.periodSlot, ean: 'E1234567890123456', from: 'dso.example', to: 'agg.example' };
  const allocated = new Map(order.isps.map(({ slot: at }) => [at, 45_000n]));
  const settled = settleOrder(order, prognosis, allocated);
  const messages = new Map<MessageName, string>([
    ['D-Prognosis', writeMessage('D-Prognosis', dPrognosisMessage(prognosis, about))],
    ['FlexReservationUpdate', writeMessage('FlexReservationUpdate', reservationMessage(reservation, about))],
    ['FlexRequest', writeMessage('FlexRequest', flexRequestMessage(request, 'agg.example', about))],
    ['FlexOffer', writeMessage('FlexOffer', flexOfferMessage(offer, about))],
    ['FlexOfferRevocation', writeMessage('FlexOfferRevocation', flexOfferRevocationMessage(offer, about))],
    ['FlexOrder', writeMessage('FlexOrder', flexOrderMessage(order, about))],
    ['FlexSettlement', writeMessage('FlexSettlement', flexSettlementMessage([settled], order.aggregatorId, about))],
    ['Metering', writeMessage('Metering', meteringMessage(metered, { ...day, revision: 1 }, about))],
  ]);
  const responses = [...messages].map(([name, xml]) => {
    const message = readMessage(xml);
    const result = { result: 'Rejected', reason: 'ISP Conflict: an ISP stands twice' } as const;
    const response = `${name}Response` as 'FlexRequestResponse';
    const status =
      name === 'FlexSettlement'
        ? { FlexOrderSettlementStatus: [{ Disposition: 'Disputed', DisputeReason: 'late' }] }
        : {};
    const content = { ...responseTo(message as never, result, about.timeStamp), ...status };
    return [response, writeMessage(response, content, release)] as const;
  });
  return new Map([...messages, ...responses]);
}
