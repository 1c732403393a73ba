// Package dpath holds the cases of a dedicated path that need services on
// machines of their own: four apps, each with two public nodes and two of every
// lane, each node in a network namespace with an address of its own, on one
// bridge that nothing else is plugged into. Its tests need root.
//
// All cases, and where each is proved:
//
//	T01   pkg/dpath                    TestT01ImportDamagedSample
//	T02   pkg/dpath                    TestT02PickKeepsGuaranteesMillion
//	T02   pkg/dpath/carrier            TestT02GuardKeepsGuaranteesMillion
//	T03   test/dpath                   TestT03CommonNeverOnDedicated
//	T04   test/dpath                   TestT04LabelledAlwaysOnDedicated
//	T05   test/dpath                   TestT05SharedHopThenDedicatedAgain
//	T06   test/dpath                   TestT06OneDedicatedNodeKilled
//	T07   test/dpath                   TestT07AllDedicatedOfOneAppKilled
//	T08   test/dpath                   TestT08DedicatedVanishes
//	T09   test/dpath                   TestT09DedicatedFailingIsEjected
//	T10   test/dpath                   TestT10AllPublicKilled
//	T11   pkg/dpath                    TestT11SpoofedLabels
//	T11   pkg/dpath/carrier/httpdpath  TestT11SpoofedLabelsAtTheEntry
//	T12   pkg/dpath                    TestT12ForgedLabels
//	T13   pkg/dpath/carrier/httpdpath  TestT13InnerAppCannotChangeTheLabel
//	T14   test/dpath                   TestT14DirectCallToDedicated
//	T16   test/dpath                   TestT16PublicToDedicated
//	T17   test/dpath                   TestT17DedicatedToPublic
//	T18   test/dpath                   TestT18FlappingRules
//	T18   test/dpath                   TestT18BadRulesAreRefused
//	T18   test/dpath                   TestT18ColdStartWithoutCentre
//	T18   cmd/dpathd                   TestRulesFromTheCentre
//	T19   test/dpath                   TestT19EndOfOneLaneSparesTheOther
//	T20   pkg/dpath                    TestT20Validation
//	T21   test/dpath                   TestT21ShapesOfCalls
//	T22   test/dpath                   TestT22RetriesStayInTheLane
//	T22   test/dpath                   TestT22RetryBudget
//	T24   test/dpath                   TestT24RoutingIsPerRequest
//	T25   pkg/dpath/carrier/natsdpath  TestT25MixedMessages
//	T25   pkg/dpath/carrier/amqpdpath  TestT25MixedMessages
//	T26   pkg/dpath/carrier/natsdpath  TestT26DedicatedConsumersDieAndReturn
//	T26   pkg/dpath/carrier/amqpdpath  TestT26DedicatedConsumersDieAndReturn
//	T27   pkg/dpath/carrier/natsdpath  TestT27DelayedMessageAfterEnvDeleted
//	T27   pkg/dpath/carrier/amqpdpath  TestT27DelayedMessageAfterEnvDeleted
//	T27   pkg/dpath/carrier/natsdpath  TestT27DeadLetterAndReplayAfterEnvDeleted
//	T27   pkg/dpath/carrier/amqpdpath  TestT27DeadLetterAndReplayAfterEnvDeleted
//	T27   pkg/dpath/carrier/sqldpath   TestT27JobOfADeletedEnv
//	T28   pkg/dpath/carrier/sqldpath   TestT28RelayKilledInTheMiddle
//	T29   pkg/dpath/carrier/sqldpath   TestT29JobsRunInTheirLane
//	T29   pkg/dpath/carrier/sqldpath   TestT29PoliciesWithoutDedicatedNodes
//	T30   pkg/dpath                    TestT30Percentage
//	T32   test/dpath                   TestT32LabelStaysInside
//	T33   test/dpath                   TestT33OverloadSparesTheLane
//	T34   test/dpath                   TestT34SpillIsBounded
//	T35   test/system                  TestT35T36ServersOfAnEnvironmentAreFollowed
//	T36   test/system                  TestT35T36ServersOfAnEnvironmentAreFollowed
//	T37   cmd/dpathd                   TestTwoHundredFollow
//	T39   test/dpath                   TestT39VerifyUnderLoad
//	T39   test/dpath                   TestT39EveryKindTakesEveryPath
//	T40   test/dpath                   TestT40EachLayerAlone
package dpath
