import { vppAssetTransactions } from './vpp/assets';
import { vppBandTransactions } from './vpp/bands';
import { coalitionTransactions } from './vpp/coalitions';
import { deliveryTransactions } from './vpp/delivery';
import { formationTransactions } from './vpp/formation';
import { operationTransactions } from './vpp/operation';
import { remunerationTransactions } from './vpp/remuneration';
import { serviceRequestTransactions } from './vpp/service-requests';
import { serviceTransactions } from './vpp/services';
import { prequalificationTransactions } from './vpp/prequalification';

/** The transactions of the contract `vpp`, in which assets are put together to serve system operators and the wholesale market. */
export const vppTransactions = {
  ...vppAssetTransactions,
  ...vppBandTransactions,
  ...serviceTransactions,
  ...serviceRequestTransactions,
  ...prequalificationTransactions,
  ...coalitionTransactions,
  ...formationTransactions,
  ...operationTransactions,
  ...deliveryTransactions,
  ...remunerationTransactions,
} as const;
