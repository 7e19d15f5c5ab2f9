import { z } from 'zod';
import { createGroup, type Grouping, modifyMembers, setMembers } from '../group-commands.ts';
import type { Household } from '../household.ts';
import { groupBody, groupsBody } from '../household-bodies.ts';
import { ids, optionalIds, optionalText } from '../parameters.ts';
import { invalidParameter } from '../refusal.ts';
import { answer, type GroupRoutes, type HouseholdRoutes, type Reply, withParameters } from './route.ts';

function info(home: Household, grouping: Grouping): Reply {
  if ('refusal' in grouping) return grouping.refusal;
  return answer('groupInfo', { _objectType: 'groupInfo', group: groupBody(home, grouping.group, 'info') });
}

/** Documentation namespace "groups", commands to a household. */
export const householdGroupsRoutes: HouseholdRoutes = {
  'GET groups': ({ home, query }) =>
    answer('groups', groupsBody(home, 'answer', query.get('includeDeviceInfo') === 'true')),
  'POST groups/createGroup': withParameters(
    z.object({ playerIds: ids, musicContextGroupId: optionalText(35), areaIds: optionalIds }),
    ({ home }, { playerIds, musicContextGroupId }) => {
      const context = musicContextGroupId === undefined ? undefined : home.group(musicContextGroupId);
      const isUnknown = musicContextGroupId !== undefined && context === undefined;
      if (isUnknown) return invalidParameter('musicContextGroupId names no group.');
      return info(home, createGroup(home, playerIds, context));
    },
  ),
};

/** Documentation namespace "groups", commands to a group. */
export const groupGroupsRoutes: GroupRoutes = {
  'POST groups/modifyGroupMembers': withParameters(
    z.object({ playerIdsToAdd: ids, playerIdsToRemove: ids }),
    ({ home, target }, { playerIdsToAdd, playerIdsToRemove }) =>
      info(home, modifyMembers(home, target, playerIdsToAdd, playerIdsToRemove)),
  ),
  'POST groups/setGroupMembers': withParameters(
    z.object({ playerIds: ids, areaIds: optionalIds }),
    ({ home, target }, { playerIds }) => info(home, setMembers(home, target, playerIds)),
  ),
};
