import { assetBandsCodec, bandsOf, digestOf } from '@flexledger/domain';
import { bandInputCodec } from '../codecs';
import type { SegmentationService } from '../service';

/** Makes flexibility bands by the rule of the domain: the contract works them out again and takes no others. */
export const segmentation: SegmentationService = {
  name: 'segmentation',
  version: '1',
  input: bandInputCodec,
  run: ({ data, rules, samples }) => bandsOf(data, samples, rules),
  certificate: (_, bands) => ({ digest: digestOf(assetBandsCodec.encode(bands)) }),
};
