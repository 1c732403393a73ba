// Generated from the API's OpenAPI document by npm run gen. Do not edit.
export interface paths {
    "/v1/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell which grants allow something, or what is missing */
        get: operations["explainAccess"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List assets, by id, in pages */
        get: operations["listAssets"];
        put?: never;
        /** Create a asset */
        post: operations["createAsset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a asset */
        get: operations["getAsset"];
        /** Replace what is wanted of a asset */
        put: operations["updateAsset"];
        post?: never;
        /** Delete a asset */
        delete: operations["deleteAsset"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a asset, by JSON merge patch */
        patch: operations["patchAsset"];
        trace?: never;
    };
    "/v1/assets/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a asset, newest first */
        get: operations["listAssetHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assets/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a asset's operations, newest first */
        get: operations["listAssetOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done, newest first */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the chained entries of the whole installation, oldest first */
        get: operations["listAuditChain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/head": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Chain what was done up to now, and sign how far the chain goes
         * @description Each entry is bound to all before it by a hash. Who keeps a head sees later whether what was before it is still the same.
         */
        get: operations["getAuditHead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List backups, by id, in pages */
        get: operations["listBackups"];
        put?: never;
        /** Create a backup */
        post: operations["createBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a backup */
        get: operations["getBackup"];
        /** Replace what is wanted of a backup */
        put: operations["updateBackup"];
        post?: never;
        /** Delete a backup */
        delete: operations["deleteBackup"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a backup, by JSON merge patch */
        patch: operations["patchBackup"];
        trace?: never;
    };
    "/v1/backups/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a backup, newest first */
        get: operations["listBackupHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backups/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a backup's operations, newest first */
        get: operations["listBackupOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List baremetals, by id, in pages */
        get: operations["listBaremetals"];
        put?: never;
        /** Create a baremetal */
        post: operations["createBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a baremetal */
        get: operations["getBaremetal"];
        /** Replace what is wanted of a baremetal */
        put: operations["updateBaremetal"];
        post?: never;
        /** Delete a baremetal */
        delete: operations["deleteBaremetal"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a baremetal, by JSON merge patch */
        patch: operations["patchBaremetal"];
        trace?: never;
    };
    "/v1/baremetals/{id}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give up the step that it waits in */
        post: operations["abortBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/clean": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run steps of cleaning on it; it leaves the pool for that */
        post: operations["cleanBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a baremetal, newest first */
        get: operations["listBaremetalHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let it tell what it is made of; it leaves the pool for that */
        post: operations["inspectBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/maintain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take it out of use, wherever it is */
        post: operations["maintainBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take it out of the pool to work on it; for one whose cleaning or inspection failed this says that someone has looked */
        post: operations["manageBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a baremetal's operations, newest first */
        get: operations["listBaremetalOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/power": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch it on, off, or off and on */
        post: operations["powerBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/provide": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Clean it and put it in the pool; what Plaza runs on it ends */
        post: operations["provideBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End its maintenance, also one that was begun by a fault */
        post: operations["releaseBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/rescue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Boot it into the rescue system */
        post: operations["rescueBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/baremetals/{id}/unrescue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Boot it into what was deployed on it again */
        post: operations["unrescueBaremetal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bindings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List bindings, by node and user */
        get: operations["listBindings"];
        put?: never;
        /** Give a user a role on a node; again returns the same binding */
        post: operations["createBinding"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bindings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a role away */
        delete: operations["deleteBinding"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blueprints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what can be deployed */
        get: operations["listBlueprints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/buckets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List buckets, by id, in pages */
        get: operations["listBuckets"];
        put?: never;
        /** Create a bucket */
        post: operations["createBucket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/buckets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a bucket */
        get: operations["getBucket"];
        /** Replace what is wanted of a bucket */
        put: operations["updateBucket"];
        post?: never;
        /** Delete a bucket */
        delete: operations["deleteBucket"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a bucket, by JSON merge patch */
        patch: operations["patchBucket"];
        trace?: never;
    };
    "/v1/buckets/{id}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the keys to a bucket
         * @description Needs the right to change the object; each reading is in the audit log.
         */
        get: operations["credentialsBucket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/buckets/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a bucket, newest first */
        get: operations["listBucketHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/buckets/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a bucket's operations, newest first */
        get: operations["listBucketOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/buckets/{id}/rotate-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replace the keys; the old ones let nobody in any more */
        post: operations["rotateKeyBucket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List bundles, by id, in pages */
        get: operations["listBundles"];
        put?: never;
        /** Create a bundle */
        post: operations["createBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deploy an order, or change what is deployed */
        post: operations["applyBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell what applying an order would do */
        post: operations["planBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a bundle */
        get: operations["getBundle"];
        /** Replace what is wanted of a bundle */
        put: operations["updateBundle"];
        post?: never;
        /** Delete a bundle */
        delete: operations["deleteBundle"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a bundle, by JSON merge patch */
        patch: operations["patchBundle"];
        trace?: never;
    };
    "/v1/bundles/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a bundle, newest first */
        get: operations["listBundleHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a bundle's operations, newest first */
        get: operations["listBundleOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Prove by signed probes that the bundle's dedicated paths hold */
        post: operations["verifyBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List clusters, by id, in pages */
        get: operations["listClusters"];
        put?: never;
        /** Create a cluster */
        post: operations["createCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a cluster */
        get: operations["getCluster"];
        /** Replace what is wanted of a cluster */
        put: operations["updateCluster"];
        post?: never;
        /** Delete a cluster */
        delete: operations["deleteCluster"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a cluster, by JSON merge patch */
        patch: operations["patchCluster"];
        trace?: never;
    };
    "/v1/clusters/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a cluster, newest first */
        get: operations["listClusterHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a cluster's operations, newest first */
        get: operations["listClusterOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List configs, by id, in pages */
        get: operations["listConfigs"];
        put?: never;
        /** Create a config */
        post: operations["createConfig"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a config */
        get: operations["getConfig"];
        /** Replace what is wanted of a config */
        put: operations["updateConfig"];
        post?: never;
        /** Delete a config */
        delete: operations["deleteConfig"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a config, by JSON merge patch */
        patch: operations["patchConfig"];
        trace?: never;
    };
    "/v1/configs/{id}/acks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell what a subscriber did with a version */
        post: operations["ackConfig"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a config, newest first */
        get: operations["listConfigHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a config's operations, newest first */
        get: operations["listConfigOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put an earlier version's document in force again, as a new version */
        post: operations["rollbackConfig"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/subscribers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who follows a config, and how far they are */
        get: operations["listConfigSubscribers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what is kept of a config's versions, newest first */
        get: operations["listConfigVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one version of a config, or the newest one */
        get: operations["getConfigVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/configs/{id}/watch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a config's versions
         * @description Server-sent events named version, with the version as id and a ConfigVersion as data: the newest at once, then each one as it is accepted. Versions that follow each other quickly may be left out but for the last. An event gone, without data, says that the config was deleted. Who missed something is told the newest on coming back, so nothing else is needed to stay right.
         */
        get: operations["watchConfigVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathchains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List dpathchains, by id, in pages */
        get: operations["listDpathchains"];
        put?: never;
        /** Create a dpathchain */
        post: operations["createDpathchain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathchains/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a dpathchain */
        get: operations["getDpathchain"];
        /** Replace what is wanted of a dpathchain */
        put: operations["updateDpathchain"];
        post?: never;
        /** Delete a dpathchain */
        delete: operations["deleteDpathchain"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a dpathchain, by JSON merge patch */
        patch: operations["patchDpathchain"];
        trace?: never;
    };
    "/v1/dpathchains/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a dpathchain, newest first */
        get: operations["listDpathchainHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathchains/{id}/lanes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the lanes of a dpathchain: apps, pools of nodes, and the calls of the last seconds */
        get: operations["mapLanesDpathchain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathchains/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a dpathchain's operations, newest first */
        get: operations["listDpathchainOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathenvs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List dpathenvs, by id, in pages */
        get: operations["listDpathenvs"];
        put?: never;
        /** Create a dpathenv */
        post: operations["createDpathenv"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathenvs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a dpathenv */
        get: operations["getDpathenv"];
        /** Replace what is wanted of a dpathenv */
        put: operations["updateDpathenv"];
        post?: never;
        /** Delete a dpathenv */
        delete: operations["deleteDpathenv"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a dpathenv, by JSON merge patch */
        patch: operations["patchDpathenv"];
        trace?: never;
    };
    "/v1/dpathenvs/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a dpathenv, newest first */
        get: operations["listDpathenvHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dpathenvs/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a dpathenv's operations, newest first */
        get: operations["listDpathenvOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drifts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List drifts, by id, in pages */
        get: operations["listDrifts"];
        put?: never;
        /** Create a drift */
        post: operations["createDrift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drifts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a drift */
        get: operations["getDrift"];
        /** Replace what is wanted of a drift */
        put: operations["updateDrift"];
        post?: never;
        /** Delete a drift */
        delete: operations["deleteDrift"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a drift, by JSON merge patch */
        patch: operations["patchDrift"];
        trace?: never;
    };
    "/v1/drifts/{id}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take over what others made, as an object of a project, without touching it; of what was changed, take what is seen as wanted */
        post: operations["adoptDrift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drifts/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a drift, newest first */
        get: operations["listDriftHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drifts/{id}/ignore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leave it, for a while or for good */
        post: operations["ignoreDrift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drifts/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a drift's operations, newest first */
        get: operations["listDriftOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drifts/{id}/repair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bring back what is missing or changed; delete a zombie at its backend */
        post: operations["repairDrift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/flavors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List flavors, by id, in pages */
        get: operations["listFlavors"];
        put?: never;
        /** Create a flavor */
        post: operations["createFlavor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/flavors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a flavor */
        get: operations["getFlavor"];
        /** Replace what is wanted of a flavor */
        put: operations["updateFlavor"];
        post?: never;
        /** Delete a flavor */
        delete: operations["deleteFlavor"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a flavor, by JSON merge patch */
        patch: operations["patchFlavor"];
        trace?: never;
    };
    "/v1/flavors/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a flavor, newest first */
        get: operations["listFlavorHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/flavors/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a flavor's operations, newest first */
        get: operations["listFlavorOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/floatingips": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List floatingips, by id, in pages */
        get: operations["listFloatingips"];
        put?: never;
        /** Create a floatingip */
        post: operations["createFloatingip"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/floatingips/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a floatingip */
        get: operations["getFloatingip"];
        /** Replace what is wanted of a floatingip */
        put: operations["updateFloatingip"];
        post?: never;
        /** Delete a floatingip */
        delete: operations["deleteFloatingip"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a floatingip, by JSON merge patch */
        patch: operations["patchFloatingip"];
        trace?: never;
    };
    "/v1/floatingips/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a floatingip, newest first */
        get: operations["listFloatingipHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/floatingips/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a floatingip's operations, newest first */
        get: operations["listFloatingipOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List hosts, by id, in pages */
        get: operations["listHosts"];
        put?: never;
        /** Create a host */
        post: operations["createHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Join, as a host's agent */
        post: operations["enrolHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/enrol-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a one-time token for a host's agent */
        post: operations["createEnrolToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a host */
        get: operations["getHost"];
        /** Replace what is wanted of a host */
        put: operations["updateHost"];
        post?: never;
        /** Delete a host */
        delete: operations["deleteHost"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a host, by JSON merge patch */
        patch: operations["patchHost"];
        trace?: never;
    };
    "/v1/hosts/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a host, newest first */
        get: operations["listHostHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a host's operations, newest first */
        get: operations["listHostOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List identity providers, by name */
        get: operations["listIdentityProviders"];
        put?: never;
        /** Add an identity provider */
        post: operations["createIdentityProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-providers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an identity provider */
        get: operations["getIdentityProvider"];
        /** Replace an identity provider; without a secret the one it has stays */
        put: operations["updateIdentityProvider"];
        post?: never;
        /** Remove an identity provider of no users */
        delete: operations["deleteIdentityProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List images, by id, in pages */
        get: operations["listImages"];
        put?: never;
        /** Create a image */
        post: operations["createImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a image */
        get: operations["getImage"];
        /** Replace what is wanted of a image */
        put: operations["updateImage"];
        post?: never;
        /** Delete a image */
        delete: operations["deleteImage"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a image, by JSON merge patch */
        patch: operations["patchImage"];
        trace?: never;
    };
    "/v1/images/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a image, newest first */
        get: operations["listImageHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a image's operations, newest first */
        get: operations["listImageOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List open invitations, by node */
        get: operations["listInvitations"];
        put?: never;
        /** Invite somebody to a role on a node, as whoever may bind it there may */
        post: operations["createInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the account that an invitation is for */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take an invitation back */
        delete: operations["deleteInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keypairs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List keypairs, by id, in pages */
        get: operations["listKeypairs"];
        put?: never;
        /** Create a keypair */
        post: operations["createKeypair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keypairs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a keypair */
        get: operations["getKeypair"];
        /** Replace what is wanted of a keypair */
        put: operations["updateKeypair"];
        post?: never;
        /** Delete a keypair */
        delete: operations["deleteKeypair"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a keypair, by JSON merge patch */
        patch: operations["patchKeypair"];
        trace?: never;
    };
    "/v1/keypairs/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a keypair, newest first */
        get: operations["listKeypairHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keypairs/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a keypair's operations, newest first */
        get: operations["listKeypairOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what there is: on which machine, in which rack, and who answers for it */
        get: operations["listLedger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loadbalancers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List loadbalancers, by id, in pages */
        get: operations["listLoadbalancers"];
        put?: never;
        /** Create a loadbalancer */
        post: operations["createLoadbalancer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loadbalancers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a loadbalancer */
        get: operations["getLoadbalancer"];
        /** Replace what is wanted of a loadbalancer */
        put: operations["updateLoadbalancer"];
        post?: never;
        /** Delete a loadbalancer */
        delete: operations["deleteLoadbalancer"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a loadbalancer, by JSON merge patch */
        patch: operations["patchLoadbalancer"];
        trace?: never;
    };
    "/v1/loadbalancers/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a loadbalancer, newest first */
        get: operations["listLoadbalancerHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loadbalancers/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a loadbalancer's operations, newest first */
        get: operations["listLoadbalancerOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/login/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the ways to sign in besides a password */
        get: operations["listLoginProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/login/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetch the session of a browser that signed in for a command */
        post: operations["redeemTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign out: the session ends */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read who is signed in, and what they may do */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's password; one's other sessions end */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's sessions */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell whether one has a second factor */
        get: operations["getTotp"];
        put?: never;
        /** Make a key for an authenticator; it is in force once confirmed */
        post: operations["enrolTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put the key in force by a code of it; returns recovery codes */
        post: operations["confirmTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/totp/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do without a second factor, for a last code of it */
        post: operations["removeTotp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/monitors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List monitors, by id, in pages */
        get: operations["listMonitors"];
        put?: never;
        /** Create a monitor */
        post: operations["createMonitor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/monitors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a monitor */
        get: operations["getMonitor"];
        /** Replace what is wanted of a monitor */
        put: operations["updateMonitor"];
        post?: never;
        /** Delete a monitor */
        delete: operations["deleteMonitor"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a monitor, by JSON merge patch */
        patch: operations["patchMonitor"];
        trace?: never;
    };
    "/v1/monitors/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a monitor, newest first */
        get: operations["listMonitorHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/monitors/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a monitor's operations, newest first */
        get: operations["listMonitorOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/networks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List networks, by id, in pages */
        get: operations["listNetworks"];
        put?: never;
        /** Create a network */
        post: operations["createNetwork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/networks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a network */
        get: operations["getNetwork"];
        /** Replace what is wanted of a network */
        put: operations["updateNetwork"];
        post?: never;
        /** Delete a network */
        delete: operations["deleteNetwork"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a network, by JSON merge patch */
        patch: operations["patchNetwork"];
        trace?: never;
    };
    "/v1/networks/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a network, newest first */
        get: operations["listNetworkHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/networks/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a network's operations, newest first */
        get: operations["listNetworkOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodegroups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List nodegroups, by id, in pages */
        get: operations["listNodegroups"];
        put?: never;
        /** Create a nodegroup */
        post: operations["createNodegroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodegroups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a nodegroup */
        get: operations["getNodegroup"];
        /** Replace what is wanted of a nodegroup */
        put: operations["updateNodegroup"];
        post?: never;
        /** Delete a nodegroup */
        delete: operations["deleteNodegroup"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a nodegroup, by JSON merge patch */
        patch: operations["patchNodegroup"];
        trace?: never;
    };
    "/v1/nodegroups/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a nodegroup, newest first */
        get: operations["listNodegroupHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodegroups/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a nodegroup's operations, newest first */
        get: operations["listNodegroupOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the part of the tree that is seen, by full name */
        get: operations["listNodes"];
        put?: never;
        /** Add a node below another */
        post: operations["createNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a node */
        get: operations["getNode"];
        put?: never;
        post?: never;
        /** Remove a node, with the bindings on it */
        delete: operations["deleteNode"];
        options?: never;
        head?: never;
        /** Rename, retitle, relabel, suspend or resume a node */
        patch: operations["updateNode"];
        trace?: never;
    };
    "/v1/nodes/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hang a node, with all below it, below another */
        post: operations["moveNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List operations, newest first */
        get: operations["listOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an operation, or wait for its end */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop working towards what was wanted, until the next change */
        post: operations["cancelOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Work on a failed operation's object anew */
        post: operations["retryOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List capacity and use of every place, and their sum */
        get: operations["listPools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how a metric of a place went */
        get: operations["listPoolHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{place}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read capacity and use of one place, with its hosts and storage pools */
        get: operations["getPool"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List ports, by id, in pages */
        get: operations["listPorts"];
        put?: never;
        /** Create a port */
        post: operations["createPort"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a port */
        get: operations["getPort"];
        /** Replace what is wanted of a port */
        put: operations["updatePort"];
        post?: never;
        /** Delete a port */
        delete: operations["deletePort"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a port, by JSON merge patch */
        patch: operations["patchPort"];
        trace?: never;
    };
    "/v1/ports/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a port, newest first */
        get: operations["listPortHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ports/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a port's operations, newest first */
        get: operations["listPortOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List limits and use of a node, by metric */
        get: operations["listQuotas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotas/differences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count anew what all objects hold, and list the totals that are not that */
        get: operations["listQuotaDifferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotas/holdings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List which object takes what of a node's quota */
        get: operations["listHoldings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quotas/{metric}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Limit a metric of a node and of all below it */
        put: operations["setQuota"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List regions, by id, in pages */
        get: operations["listRegions"];
        put?: never;
        /** Create a region */
        post: operations["createRegion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/regions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a region */
        get: operations["getRegion"];
        /** Replace what is wanted of a region */
        put: operations["updateRegion"];
        post?: never;
        /** Delete a region */
        delete: operations["deleteRegion"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a region, by JSON merge patch */
        patch: operations["patchRegion"];
        trace?: never;
    };
    "/v1/regions/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a region, newest first */
        get: operations["listRegionHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/regions/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a region's operations, newest first */
        get: operations["listRegionOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List requests, by id, in pages */
        get: operations["listRequests"];
        put?: never;
        /** Create a request */
        post: operations["createRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a request */
        get: operations["getRequest"];
        /** Replace what is wanted of a request */
        put: operations["updateRequest"];
        post?: never;
        /** Delete a request */
        delete: operations["deleteRequest"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a request, by JSON merge patch */
        patch: operations["patchRequest"];
        trace?: never;
    };
    "/v1/requests/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have the call made. Limits that it needs are raised by just what is missing */
        post: operations["approveRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}/comment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say something about it */
        post: operations["commentRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a request, newest first */
        get: operations["listRequestHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a request's operations, newest first */
        get: operations["listRequestOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse it, with a reason */
        post: operations["refuseRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back what one has asked for */
        post: operations["withdrawRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the roles that can be bound on a node */
        get: operations["listRoles"];
        put?: never;
        /** Make a role that reads, and may what its permissions say */
        post: operations["createRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/roles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a custom role */
        get: operations["getRole"];
        put?: never;
        post?: never;
        /** Delete a custom role that nobody holds */
        delete: operations["deleteRole"];
        options?: never;
        head?: never;
        /** Change a custom role, for all who hold it */
        patch: operations["updateRole"];
        trace?: never;
    };
    "/v1/routers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List routers, by id, in pages */
        get: operations["listRouters"];
        put?: never;
        /** Create a router */
        post: operations["createRouter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/routers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a router */
        get: operations["getRouter"];
        /** Replace what is wanted of a router */
        put: operations["updateRouter"];
        post?: never;
        /** Delete a router */
        delete: operations["deleteRouter"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a router, by JSON merge patch */
        patch: operations["patchRouter"];
        trace?: never;
    };
    "/v1/routers/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a router, newest first */
        get: operations["listRouterHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/routers/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a router's operations, newest first */
        get: operations["listRouterOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/securitygroups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List securitygroups, by id, in pages */
        get: operations["listSecuritygroups"];
        put?: never;
        /** Create a securitygroup */
        post: operations["createSecuritygroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/securitygroups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a securitygroup */
        get: operations["getSecuritygroup"];
        /** Replace what is wanted of a securitygroup */
        put: operations["updateSecuritygroup"];
        post?: never;
        /** Delete a securitygroup */
        delete: operations["deleteSecuritygroup"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a securitygroup, by JSON merge patch */
        patch: operations["patchSecuritygroup"];
        trace?: never;
    };
    "/v1/securitygroups/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a securitygroup, newest first */
        get: operations["listSecuritygroupHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/securitygroups/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a securitygroup's operations, newest first */
        get: operations["listSecuritygroupOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servergroups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List servergroups, by id, in pages */
        get: operations["listServergroups"];
        put?: never;
        /** Create a servergroup */
        post: operations["createServergroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servergroups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a servergroup */
        get: operations["getServergroup"];
        /** Replace what is wanted of a servergroup */
        put: operations["updateServergroup"];
        post?: never;
        /** Delete a servergroup */
        delete: operations["deleteServergroup"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a servergroup, by JSON merge patch */
        patch: operations["patchServergroup"];
        trace?: never;
    };
    "/v1/servergroups/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a servergroup, newest first */
        get: operations["listServergroupHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servergroups/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a servergroup's operations, newest first */
        get: operations["listServergroupOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List servers, by id, in pages */
        get: operations["listServers"];
        put?: never;
        /** Create a server */
        post: operations["createServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a server */
        get: operations["getServer"];
        /** Replace what is wanted of a server */
        put: operations["updateServer"];
        post?: never;
        /** Delete a server */
        delete: operations["deleteServer"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a server, by JSON merge patch */
        patch: operations["patchServer"];
        trace?: never;
    };
    "/v1/servers/{id}/console": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the end of a server's serial console */
        get: operations["consoleServer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a server, newest first */
        get: operations["listServerHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a server's operations, newest first */
        get: operations["listServerOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/reboot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shut the server down and start it again */
        post: operations["rebootServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/resize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take another flavor; a running server is shut down and started with it */
        post: operations["resizeServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Return to a snapshot; what came after it is lost */
        post: operations["revertServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep the present state of disk and memory under a name */
        post: operations["snapshotServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start the server */
        post: operations["startServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a server's live counters */
        get: operations["statsServer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/servers/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shut the server down by ACPI, hard when it does not obey */
        post: operations["stopServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List shares, by id, in pages */
        get: operations["listShares"];
        put?: never;
        /** Create a share */
        post: operations["createShare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/shares/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a share */
        get: operations["getShare"];
        /** Replace what is wanted of a share */
        put: operations["updateShare"];
        post?: never;
        /** Delete a share */
        delete: operations["deleteShare"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a share, by JSON merge patch */
        patch: operations["patchShare"];
        trace?: never;
    };
    "/v1/shares/{id}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the keys to a share
         * @description Needs the right to change the object; each reading is in the audit log.
         */
        get: operations["credentialsShare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/shares/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a share, newest first */
        get: operations["listShareHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/shares/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a share's operations, newest first */
        get: operations["listShareOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List snapshots, by id, in pages */
        get: operations["listSnapshots"];
        put?: never;
        /** Create a snapshot */
        post: operations["createSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/snapshots/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a snapshot */
        get: operations["getSnapshot"];
        /** Replace what is wanted of a snapshot */
        put: operations["updateSnapshot"];
        post?: never;
        /** Delete a snapshot */
        delete: operations["deleteSnapshot"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a snapshot, by JSON merge patch */
        patch: operations["patchSnapshot"];
        trace?: never;
    };
    "/v1/snapshots/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a snapshot, newest first */
        get: operations["listSnapshotHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/snapshots/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a snapshot's operations, newest first */
        get: operations["listSnapshotOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storagepools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List storagepools, by id, in pages */
        get: operations["listStoragepools"];
        put?: never;
        /** Create a storagepool */
        post: operations["createStoragepool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storagepools/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a storagepool */
        get: operations["getStoragepool"];
        /** Replace what is wanted of a storagepool */
        put: operations["updateStoragepool"];
        post?: never;
        /** Delete a storagepool */
        delete: operations["deleteStoragepool"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a storagepool, by JSON merge patch */
        patch: operations["patchStoragepool"];
        trace?: never;
    };
    "/v1/storagepools/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a storagepool, newest first */
        get: operations["listStoragepoolHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storagepools/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a storagepool's operations, newest first */
        get: operations["listStoragepoolOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storagetiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List storagetiers, by id, in pages */
        get: operations["listStoragetiers"];
        put?: never;
        /** Create a storagetier */
        post: operations["createStoragetier"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storagetiers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a storagetier */
        get: operations["getStoragetier"];
        /** Replace what is wanted of a storagetier */
        put: operations["updateStoragetier"];
        post?: never;
        /** Delete a storagetier */
        delete: operations["deleteStoragetier"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a storagetier, by JSON merge patch */
        patch: operations["patchStoragetier"];
        trace?: never;
    };
    "/v1/storagetiers/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a storagetier, newest first */
        get: operations["listStoragetierHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storagetiers/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a storagetier's operations, newest first */
        get: operations["listStoragetierOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a user's tokens, by name */
        get: operations["listTokens"];
        put?: never;
        /** Make a token, for oneself or, as an administrator, for anybody */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token */
        delete: operations["deleteToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users, by name */
        get: operations["listUsers"];
        put?: never;
        /** Add a user, who may do nothing until a role is bound */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a user */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /** Remove a user with its sessions, tokens and bindings */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /** Shut an account out, or let it in again */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/v1/users/{id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a user a password; all its sessions end */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take the second factor of a user who lost it away */
        delete: operations["resetTotp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what version runs */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List volumes, by id, in pages */
        get: operations["listVolumes"];
        put?: never;
        /** Create a volume */
        post: operations["createVolume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a volume */
        get: operations["getVolume"];
        /** Replace what is wanted of a volume */
        put: operations["updateVolume"];
        post?: never;
        /** Delete a volume */
        delete: operations["deleteVolume"];
        options?: never;
        head?: never;
        /** Change some of what is wanted of a volume, by JSON merge patch */
        patch: operations["patchVolume"];
        trace?: never;
    };
    "/v1/volumes/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done to a volume, newest first */
        get: operations["listVolumeHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes/{id}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a volume's operations, newest first */
        get: operations["listVolumeOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/watch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow changes of objects
         * @description Server-sent events named sync, put and delete with a WatchEvent as data. Come back with Last-Event-ID to miss nothing; events may then repeat. 412 says that too much has changed since: list again, then watch from now.
         */
        get: operations["watch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Acceptance: {
            /** @description Needed unless the invitation says it */
            name?: string;
            /** @description At least 10 characters */
            password: string;
            /** @description What the invitation was handed over as */
            token: string;
        };
        Ack: {
            /** @description Why it was refused */
            reason?: string;
            /** @description What it tells of its own, at most 16 KiB; of rules of dedicated paths, the calls of the last seconds */
            report?: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            state: "applied" | "refused";
            /** @description Its own name, one for each process that takes versions over */
            subscriber: string;
            /** Format: int64 */
            version: number;
        };
        AddressPool: {
            id: string;
            name: string;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            used: number;
        };
        Addresses: {
            /** Format: int64 */
            free: number;
            id: string;
            name: string;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            used: number;
        };
        Adopted: {
            /** @description Its id there */
            backend?: string;
            /** @description Of a server's first card */
            mac?: string;
            /** @description Id of the region it is in */
            place: string;
        };
        Adoption: {
            /** Format: date-time */
            at: string;
            by: string;
            /** @description Name it gets */
            name?: string;
            /** @description A server's networks are adopted with it */
            networks?: boolean;
            /** @description Project id */
            project?: string;
        };
        Amount: {
            /**
             * Format: int64
             * @description What may be promised: overcommit included, reserved left out
             */
            capacity: number;
            /**
             * Format: int64
             * @description What an order may still get. Only hosts that take orders count, so it may be less than the difference
             */
            free: number;
            /**
             * Format: int64
             * @description As the backend itself counts; of KVM hosts, which keep no books, as Plaza does
             */
            inUse: number;
            /**
             * Format: int64
             * @description Used there by others than Plaza
             */
            others: number;
            /** Format: int64 */
            physical: number;
            /**
             * Format: int64
             * @description How often one is promised, in thousandths; of a sum, the mean rounded down
             */
            ratioMilli: number;
            /**
             * Format: int64
             * @description Of the physical, kept for the host itself
             */
            reserved: number;
            /**
             * Format: int64
             * @description Claimed by Plaza's objects
             */
            used: number;
        };
        Asked: {
            /** Format: date-time */
            at: string;
            by: string;
        };
        /** @description What a write did */
        AssetApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["AssetObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new asset shall be */
        AssetCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["AssetSpec"];
        };
        /** @description One page */
        AssetList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["AssetObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        AssetObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["AssetSpec"];
            readonly status: components["schemas"]["AssetStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        AssetPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a AssetSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        AssetSpec: {
            /** @description Where it is managed: IP address, host name or URL */
            address?: string;
            /** @description IP addresses of its own */
            addresses?: string[];
            /**
             * @description Of what runs on it; a server or partition has one
             * @enum {string}
             */
            arch?: "x86_64" | "aarch64" | "ppc64le" | "ppc64" | "s390x" | "riscv64" | "other";
            /**
             * Format: int64
             * @description Cores, or virtual processors of a partition
             */
            cpus?: number;
            /** Format: int64 */
            diskGiB?: number;
            /** @description Asset that it is a part of, by name, such as the machine of a partition */
            host?: string;
            /** Format: int64 */
            memoryMiB?: number;
            model?: string;
            note?: string;
            /** @description Who answers for it, such as a subsidiary */
            owner?: string;
            /** @description Machine of the pools that it is: host/NAME, hypervisor/REGION/NAME or baremetal/NAME */
            pooled?: string;
            rack?: string;
            /** @description No two assets of a vendor have the same */
            serial?: string;
            site?: string;
            /** @enum {string} */
            type: "server" | "power-host" | "power-lpar" | "storage" | "network" | "other";
            /**
             * Format: int64
             * @description Lowest height unit in the rack
             */
            unit?: number;
            vendor?: string;
        };
        AssetStatus: {
            /** @description It is in the books only: nothing is placed on it, and it is counted apart from the pools */
            external: boolean;
        };
        /** @description What a asset shall be from now on; labels left out stay, secrets left out stay */
        AssetUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["AssetSpec"];
        };
        Audit: {
            actor: string;
            after?: unknown;
            /** Format: date-time */
            at: string;
            before?: unknown;
            /** @description The role on a node by which the actor might; empty for the system itself */
            granted?: string;
            id: string;
            kind: string;
            note?: string;
            objectId: string;
            objectName: string;
            operationId?: string;
            project?: string;
            remote?: string;
            verb: string;
        };
        BackendPool: {
            /** Format: int64 */
            freeBytes: number;
            name: string;
            /**
             * Format: int64
             * @description Sum of the sizes of what lies in it, written or not; 0 where the backend does not tell
             */
            promisedBytes: number;
            /**
             * Format: int64
             * @description With copies; 0 where the backend does not tell
             */
            rawUsedBytes: number;
            /** @description Pools with the same rule share their free room */
            rule?: string;
            tier?: string;
            /** Format: int64 */
            totalBytes: number;
            up: boolean;
            /** @description rbd, rgw, cephfs … */
            use?: string;
            /** Format: int64 */
            usedBytes: number;
        };
        /** @description What a write did */
        BackupApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["BackupObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new backup shall be */
        BackupCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["BackupSpec"];
        };
        /** @description One page */
        BackupList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["BackupObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        BackupObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["BackupSpec"];
            readonly status: components["schemas"]["BackupStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        BackupPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a BackupSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        BackupSpec: {
            /** @description Volume it is taken of, attached to a running server or not; that may be deleted later */
            volume: string;
        };
        BackupStatus: {
            /**
             * Format: date-time
             * @description The moment it keeps
             */
            createdAt?: string;
            /** @description Id of the host or region that keeps it: that of its volume */
            host?: string;
            /**
             * Format: int64
             * @description Of the volume at that moment
             */
            sizeGiB?: number;
            /** @description Name of the volume at that moment */
            volumeName?: string;
        };
        /** @description What a backup shall be from now on; labels left out stay, secrets left out stay */
        BackupUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["BackupSpec"];
        };
        BalancedMember: {
            address: string;
            name: string;
            /** Format: int64 */
            port: number;
        };
        BalancerNode: {
            address?: string;
            /** @description What its console said of an earlier start */
            before?: string;
            id: string;
            /** @description The floating address leads to it */
            leads?: boolean;
            /** @description Why it is not */
            message?: string;
            name: string;
            /** @description It ceased to answer at the floating address, and was not started anew since */
            silent?: boolean;
            /**
             * Format: date-time
             * @description When it was started
             */
            since?: string;
            /** @description It knows of the last change */
            updated: boolean;
            well: boolean;
        };
        Baremetal: {
            /**
             * Format: int64
             * @description In maintenance, or a step failed: never given out
             */
            broken: number;
            /**
             * Format: int64
             * @description Being cleaned, inspected or enrolled
             */
            busy: number;
            classes?: components["schemas"]["MachineClass"][];
            /** Format: int64 */
            free: number;
            /**
             * Format: date-time
             * @description Of the oldest figure in it
             */
            observedAt?: string;
            /** @description What it is of does not answer now, or was not asked for long: the last known figures are shown */
            stale: boolean;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            used: number;
        };
        /** @description What a write did */
        BaremetalApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["BaremetalObject"];
            operation?: components["schemas"]["Operation"];
        };
        BaremetalAsk: {
            /** @description Tells one step from the next */
            askedAt: string;
            steps?: components["schemas"]["MachineStep"][];
            verb: string;
        };
        BaremetalCleanInput: {
            /** @description Steps in their order, e.g. {interface: bios, step: factory_reset} */
            steps: components["schemas"]["MachineStep"][] | null;
        };
        /** @description What a new baremetal shall be */
        BaremetalCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["BaremetalSpec"];
        };
        /** @description One page */
        BaremetalList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["BaremetalObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        BaremetalMaintainInput: {
            reason: string;
        };
        BaremetalObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["BaremetalSpec"];
            readonly status: components["schemas"]["BaremetalStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        BaremetalPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a BaremetalSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        BaremetalPool: {
            /** Format: int64 */
            broken: number;
            /** Format: int64 */
            busy: number;
            class: string;
            /** Format: int64 */
            free: number;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            used: number;
        };
        BaremetalPowerInput: {
            /** @enum {string} */
            power: "on" | "off" | "reboot";
        };
        BaremetalRescueInput: {
            /** @description Of the rescue system; encrypted at rest and never returned */
            password: string;
        };
        BaremetalSpec: {
            /** @description Default x86_64 */
            arch?: string;
            /** @description The last single step that was asked for */
            readonly ask?: components["schemas"]["BaremetalAsk"];
            /** @description State it returns to after maintenance */
            readonly before?: string;
            /** Format: int64 */
            cpus?: number;
            /** Format: int64 */
            diskGiB?: number;
            /** @description e.g. redfish, ipmi, fake-hardware */
            driver: string;
            /** @description Address and credentials of its controller, by the driver's own names; encrypted at rest and never returned */
            driverInfo?: {
                [key: string]: string;
            };
            /** @description Image to run when state is active */
            image?: string;
            /** @description Implementation by interface (deploy, boot, power ...); the driver's default when not named */
            interfaces?: {
                [key: string]: string;
            };
            /** @description Cards it boots from */
            macs?: string[];
            /** Format: int64 */
            memoryMiB?: number;
            /** @description Why it is in maintenance */
            readonly reason?: string;
            /** @description Region whose bare metal service runs it, by name or id; kept as its id */
            region: string;
            /** @description Boot the rescue system instead of image */
            readonly rescue?: boolean;
            readonly rescuePassword?: string;
            /** @description What sort of machine it is; flavors and pools go by it */
            resourceClass: string;
            /**
             * @description Where it should be: known and checked, in the pool, running image, or out of use; default available
             * @enum {string}
             */
            state?: "managed" | "available" | "active" | "maintenance";
            /** @description Standard traits, or own ones that begin with CUSTOM_ */
            traits?: string[];
            /** @description cloud-config for image; encrypted at rest and never returned */
            userData?: string;
        };
        BaremetalStatus: {
            arch?: string;
            /** @description The last single step that is over */
            asked?: string;
            /** @description Id in the region's bare metal service */
            backend?: string;
            /** @description The single step that was begun */
            begun?: string;
            /**
             * Format: date-time
             * @description Start of the provision state before it
             */
            begunSince?: string;
            /** Format: int64 */
            cpus?: number;
            /** @description What runs on it was put there by this object */
            deployed?: boolean;
            /** Format: int64 */
            diskGiB?: number;
            /** @description What the last step that failed said */
            error?: string;
            fault?: string;
            macs?: string[];
            /** @description Its maintenance was asked for by this object */
            maintained?: boolean;
            maintenance?: boolean;
            /** Format: int64 */
            memoryMiB?: number;
            power?: string;
            /** @description Provision state, e.g. cleaning */
            provision?: string;
            /** @description Server that has it, by the region's own id */
            server?: string;
            /**
             * Format: date-time
             * @description Start of the present provision state
             */
            since?: string;
            /** @description Step under way, e.g. bios.factory_reset; after a failure the one that failed */
            step?: string;
            /**
             * Format: date-time
             * @description Start of the failed state that people were told of
             */
            stuck?: string;
            /** @description Provision state it is on its way to */
            target?: string;
            /** @description It may be given out now */
            usable: boolean;
        };
        /** @description What a baremetal shall be from now on; labels left out stay, secrets left out stay */
        BaremetalUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["BaremetalSpec"];
        };
        Binding: {
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            /** Format: uuid */
            id: string;
            /** @description Full name; empty for the root */
            node: string;
            nodeId: string;
            /** @description The identity provider whose groups gave it, and may take it away at a login */
            providerId?: string;
            /** @description Built in, or the name of a custom role */
            role: string;
            /** @description Of a custom role */
            roleId?: string;
            user: string;
            userId: string;
        };
        BindingList: {
            items: components["schemas"]["Binding"][];
        };
        Blueprint: {
            description?: string;
            digest: string;
            name: string;
            parameters?: {
                [key: string]: components["schemas"]["Parameter"];
            };
            sizes: {
                [key: string]: components["schemas"]["Size"];
            };
            title: string;
            version: string;
        };
        BlueprintList: {
            items: components["schemas"]["Blueprint"][];
        };
        /** @description What a write did */
        BucketApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["BucketObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new bucket shall be */
        BucketCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["BucketSpec"];
        };
        BucketCredentials: {
            accessKey: string;
            bucket: string;
            /** @description URL of the S3 interface */
            endpoint: string;
            secretKey: string;
        };
        /** @description One page */
        BucketList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["BucketObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        BucketObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["BucketSpec"];
            readonly status: components["schemas"]["BucketStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        BucketPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a BucketSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        BucketSpec: {
            /** @description Only this cluster; chosen when empty */
            cluster?: string;
            /**
             * Format: int64
             * @description Objects are deleted after so many days; 0 for never
             */
            expireDays?: number;
            /**
             * Format: int64
             * @description Most objects; 0 for any number
             */
            objects?: number;
            /** @description Deletion takes the objects with it; without, it waits until the bucket is empty */
            purgeOnDelete?: boolean;
            /**
             * Format: int64
             * @description Most that it holds
             */
            quotaGiB: number;
            /** @description Access key that lets nobody in any more; set by the action rotate-key */
            retiredKey?: string;
            /** @description Storage tier; any cluster when empty */
            tier?: string;
            /** @description Keep what is written over or deleted */
            versioning?: boolean;
        };
        BucketStatus: {
            accessKey?: string;
            /** @description Name that S3 clients give */
            bucket?: string;
            /** Format: int64 */
            bytes: number;
            /** @description Id of the cluster that keeps it */
            cluster?: string;
            /** @description URL of the S3 interface */
            endpoint?: string;
            /** Format: int64 */
            objects: number;
        };
        /** @description What a bucket shall be from now on; labels left out stay, secrets left out stay */
        BucketUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["BucketSpec"];
        };
        BuiltInRole: {
            /** @description What it allows at and below the node that it is bound on */
            description: string;
            name: string;
        };
        /** @description What a write did */
        BundleApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["BundleObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new bundle shall be */
        BundleCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["BundleSpec"];
        };
        /** @description One page */
        BundleList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["BundleObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        BundleObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["BundleSpec"];
            readonly status: components["schemas"]["BundleStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        BundlePatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a BundleSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        BundleSpec: {
            blueprint: string;
            /** @description Of the blueprint that was applied */
            readonly digest?: string;
            parameters?: {
                [key: string]: unknown;
            };
            /** @description Secret parameters; made when not given, encrypted, never returned */
            secrets?: {
                [key: string]: string;
            };
            size: string;
            readonly version?: string;
        };
        BundleStatus: {
            health?: components["schemas"]["HealthReport"];
            outputs?: {
                [key: string]: unknown;
            };
            resources?: components["schemas"]["Member"][];
        };
        /** @description What a bundle shall be from now on; labels left out stay, secrets left out stay */
        BundleUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["BundleSpec"];
        };
        Candidate: {
            detail: string;
            name: string;
            reason: string;
        };
        Card: {
            address?: string;
            mac: string;
            network: string;
        };
        ChainApp: {
            /** @description ip:port of nodes that are no servers of a node group */
            addresses?: string[];
            /** @description By which others call it, as a host name */
            name: string;
            /** @description Node groups of the project whose servers run it */
            nodegroups?: string[];
            /**
             * Format: int64
             * @description At which its nodes serve
             */
            port: number;
        };
        ChainLanes: {
            app: string;
            /** @description By environment */
            lanes?: {
                [key: string]: number;
            };
            /** Format: int64 */
            public: number;
        };
        ChainList: {
            /** @description Hash of the entry before the first; empty for none */
            before: string;
            items: components["schemas"]["Link"][];
        };
        ChainRehearsal: {
            conditions: components["schemas"]["EnvCondition"][] | null;
            /** @description Off, they are refused */
            enabled?: boolean;
            /**
             * @description Whether all conditions must hold, or any; default all
             * @enum {string}
             */
            logic?: "all" | "any";
            /** @description Hosts outside the chain that rehearsals may call */
            simulators?: string[];
        };
        Change: {
            /** @enum {string} */
            action: "create" | "update" | "delete" | "keep";
            dependsOn?: string[];
            fields?: components["schemas"]["Diff"][];
            key: string;
            kind: string;
            name: string;
        };
        CheckSpec: {
            /**
             * Format: int64
             * @description Failures in a row that take a member out; default 3
             */
            fall?: number;
            /**
             * Format: int64
             * @description Seconds from one question to the next; default 5
             */
            interval?: number;
            /** @description GET it and want 2xx or 3xx; empty to connect only */
            path?: string;
            /**
             * Format: int64
             * @description Answers in a row that bring a member back; default 2
             */
            rise?: number;
            /**
             * Format: int64
             * @description Seconds to wait for the answer; default 3
             */
            timeout?: number;
        };
        /** @description What a write did */
        ClusterApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["ClusterObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new cluster shall be */
        ClusterCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["ClusterSpec"];
        };
        ClusterDisk: {
            class: string;
            host: string;
            /** Format: int64 */
            id: number;
            in: boolean;
            name: string;
            /** Format: int64 */
            totalBytes: number;
            up: boolean;
            /** Format: int64 */
            usedBytes: number;
        };
        /** @description One page */
        ClusterList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["ClusterObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        ClusterObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["ClusterSpec"];
            readonly status: components["schemas"]["ClusterStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        ClusterPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a ClusterSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        ClusterSpec: {
            /** @description Of an administrator of that interface; encrypted at rest and never returned */
            accessKey?: string;
            /** @description PEM of that interface's authority; the system's when empty */
            caCert?: string;
            /** @description URL of its S3 interface; without one it keeps no buckets */
            endpoint?: string;
            /** @description Hosts with the role ceph whose agents serve it, by name; any of them will do */
            hosts: string[];
            /**
             * Format: int64
             * @description How much of its room is promised, as sizes are promised and use grows later; default 100
             */
            overcommitPercent?: number;
            /** @description New buckets and shares may be placed here */
            schedulable: boolean;
            /** @description Encrypted at rest and never returned */
            secretKey?: string;
            /** @description What tiers can ask for */
            traits?: {
                [key: string]: string;
            };
            /**
             * @description What sort of cluster it is
             * @enum {string}
             */
            type: "ceph";
        };
        ClusterStatus: {
            /** @description An agent of it answers, and it has quorum */
            alive: boolean;
            checks?: components["schemas"]["HealthCheck"][];
            disks?: components["schemas"]["ClusterDisk"][];
            /** Format: int64 */
            freeBytes: number;
            fs?: string[];
            fsid: string;
            health: string;
            /** Format: date-time */
            lastSeen?: string;
            monitors?: string[];
            /** Format: date-time */
            observedAt: string;
            pools?: components["schemas"]["DataPoolState"][];
            quorum?: string[];
            /** Format: int64 */
            totalBytes: number;
            /** Format: int64 */
            usedBytes: number;
            version: string;
        };
        /** @description What a cluster shall be from now on; labels left out stay, secrets left out stay */
        ClusterUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["ClusterSpec"];
        };
        Comment: {
            /** Format: date-time */
            at: string;
            by: string;
            text: string;
        };
        Condition: {
            message?: string;
            reason: string;
            /** Format: date-time */
            since: string;
            /** @enum {string} */
            status: "True" | "False" | "Unknown";
            type: string;
        };
        /** @description What a write did */
        ConfigApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["ConfigObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new config shall be */
        ConfigCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["ConfigSpec"];
        };
        /** @description One page */
        ConfigList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["ConfigObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        ConfigObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["ConfigSpec"];
            readonly status: components["schemas"]["ConfigStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        ConfigPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a ConfigSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        ConfigRollbackInput: {
            /** @description Why; without it the version is named */
            comment?: string;
            /**
             * Format: int64
             * @description The version whose document is put in force again
             */
            version: number;
        };
        ConfigSpec: {
            /** @description Why it was changed */
            comment?: string;
            /** @description At most 256 KiB of UTF-8; everybody who may read the project reads it, so no secrets */
            document: string;
            /**
             * @description What the document must be valid as; dpath is a rule document of dedicated paths, dpath-release one with the nodes it is about, as a dpathchain publishes it
             * @enum {string}
             */
            format: "json" | "yaml" | "text" | "dpath" | "dpath-release";
        };
        ConfigStatus: {
            /**
             * Format: int64
             * @description How many of them apply this version
             */
            applied: number;
            /** @description SHA-256 of the document, in hex */
            hash?: string;
            /**
             * Format: int64
             * @description How many of them refused this version
             */
            refused: number;
            /**
             * Format: int64
             * @description How many ever acknowledged a version
             */
            subscribers: number;
            /**
             * Format: int64
             * @description Grows by one with each change; a rollback makes a new one, too
             */
            version?: number;
        };
        /** @description What a config shall be from now on; labels left out stay, secrets left out stay */
        ConfigUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["ConfigSpec"];
        };
        /** @description One version of a config */
        ConfigVersion: {
            /** Format: date-time */
            at?: string;
            /** @description Who made it */
            author?: string;
            /** @description Why it was changed */
            comment?: string;
            /** @description Of what subscribers take over */
            hash: string;
            spec?: components["schemas"]["ConfigSpec"];
            /** @description create, update, or the action that made it */
            verb?: string;
            /**
             * Format: int64
             * @description Grows by one with each change; never used again
             */
            version: number;
        };
        /** @description What is kept, newest first, without the specs */
        ConfigVersionList: {
            items: components["schemas"]["ConfigVersion"][];
        };
        ConsoleLog: {
            text: string;
        };
        CreatedInvitation: {
            invitation: components["schemas"]["Invitation"];
            /** @description For the invited alone; kept nowhere */
            token: string;
        };
        CreatedToken: {
            /** @description Goes into the Authorization header after Bearer; kept nowhere */
            secret: string;
            token: components["schemas"]["Token"];
        };
        Credentials: {
            /** @description Of the authenticator, or a recovery code; answered by SecondFactorRequired where it is missing */
            code?: string;
            name: string;
            password: string;
        };
        CustomRole: {
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            description?: string;
            /** Format: uuid */
            id: string;
            /** @description Unique on its node */
            name: string;
            /** @description Full name of the node at and below which it can be bound; empty for the root */
            node: string;
            nodeId: string;
            permissions: components["schemas"]["Permission"][];
            /** Format: date-time */
            updatedAt: string;
        };
        DataPoolState: {
            application?: string;
            erasure: boolean;
            /** Format: int64 */
            freeBytes: number;
            /** Format: int64 */
            minSize: number;
            name: string;
            /** Format: int64 */
            objects: number;
            /** Format: int64 */
            pgs: number;
            /** Format: int64 */
            quotaBytes?: number;
            rule: string;
            /** Format: int64 */
            size: number;
            /** Format: int64 */
            storedBytes: number;
            /** Format: int64 */
            usedBytes: number;
        };
        Decision: {
            /** Format: date-time */
            at: string;
            by: components["schemas"]["Party"];
            note?: string;
            /** @enum {string} */
            verdict: "approved" | "refused" | "withdrawn";
        };
        Diff: {
            after?: unknown;
            before?: unknown;
            path: string;
        };
        DifferenceList: {
            /** @description One for each total that is wrong; none is as it must be */
            items: string[];
        };
        /** @description What a write did */
        DpathchainApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["DpathchainObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new dpathchain shall be */
        DpathchainCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["DpathchainSpec"];
        };
        /** @description One page */
        DpathchainList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["DpathchainObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        DpathchainObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["DpathchainSpec"];
            readonly status: components["schemas"]["DpathchainStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        DpathchainPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a DpathchainSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        DpathchainSpec: {
            apps: components["schemas"]["ChainApp"][] | null;
            /** @description Gives every node back to all traffic, and keeps the environments */
            disabled?: boolean;
            /** @description Apps at which outside traffic comes in */
            entry?: string[];
            /** @description Requests of which nothing real may come */
            rehearsal?: components["schemas"]["ChainRehearsal"];
            /** @description Hosts outside the chain that may see the label */
            trusted?: string[];
        };
        DpathchainStatus: {
            apps?: components["schemas"]["ChainLanes"][];
            /** @description Config of the project that gateways, side-cars and services follow */
            config?: string;
            environments?: components["schemas"]["PublishedEnv"][];
            /** Format: int64 */
            nodes: number;
            /**
             * Format: int64
             * @description Of the config
             */
            version?: number;
            /** @description What is legal but probably not meant */
            warnings?: string[];
        };
        /** @description What a dpathchain shall be from now on; labels left out stay, secrets left out stay */
        DpathchainUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["DpathchainSpec"];
        };
        /** @description What a write did */
        DpathenvApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["DpathenvObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new dpathenv shall be */
        DpathenvCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["DpathenvSpec"];
        };
        /** @description One page */
        DpathenvList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["DpathenvObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        DpathenvObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["DpathenvSpec"];
            readonly status: components["schemas"]["DpathenvStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        DpathenvPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a DpathenvSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        DpathenvSpec: {
            /** @description What it has nodes of; other apps of the chain are shared */
            apps?: components["schemas"]["EnvApp"][];
            /** @description Call chain, by name or id; kept as its id */
            chain: string;
            /**
             * Format: int64
             * @description How long calls in flight have at nodes that are to go; default 10
             */
            drainSeconds?: number;
            /** @description Takes no more requests for its own, which are common then, and keeps its nodes */
            drained?: boolean;
            /** @description Name on the label; the object's name when left out. It can not be changed */
            env?: string;
            /**
             * @description Where its traffic goes when too few of its nodes are well: failover to public ones, strict nowhere, spill to public ones already when each of its nodes has spillAt calls; default failover
             * @enum {string}
             */
            failoverPolicy?: "failover" | "strict" | "spill";
            /** @description Which requests are its own, at the entry */
            identify?: components["schemas"]["EnvIdentify"][];
            /** @description A count of nodes of an app, or a share such as 50%; default 1 */
            minHealthy?: string;
            /**
             * Format: date-time
             * @description After it the environment's traffic is common, and its nodes are public
             */
            notAfter?: string;
            /**
             * Format: date-time
             * @description Before it the environment's traffic is common
             */
            notBefore?: string;
            /**
             * Format: int64
             * @description Calls in flight at a node, for the policy spill
             */
            spillAt?: number;
        };
        DpathenvStatus: {
            /**
             * Format: int64
             * @description Subscribers that took that version over
             */
            acknowledged: number;
            nodes?: components["schemas"]["EnvNodes"][];
            /**
             * Format: date-time
             * @description Of the stage
             */
            since?: string;
            stage?: string;
            /** Format: int64 */
            subscribers: number;
            /**
             * Format: int64
             * @description Of the chain's config, in which the stage was published
             */
            version?: number;
        };
        /** @description What a dpathenv shall be from now on; labels left out stay, secrets left out stay */
        DpathenvUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["DpathenvSpec"];
        };
        DriftAdoptInput: {
            /** @description Name it gets; default the one it has */
            name?: string;
            /** @description Adopt a server's network with it */
            networks?: boolean;
            /** @description Project by full name or id; images belong to none */
            project?: string;
        };
        /** @description What a write did */
        DriftApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["DriftObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new drift shall be */
        DriftCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["DriftSpec"];
        };
        DriftField: {
            declared: string;
            /** @description e.g. power */
            name: string;
            observed: string;
        };
        DriftIgnoreInput: {
            reason: string;
            /**
             * Format: date-time
             * @description Until then; for good when left out
             */
            until?: string;
        };
        /** @description One page */
        DriftList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["DriftObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        DriftObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["DriftSpec"];
            readonly status: components["schemas"]["DriftStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        DriftPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a DriftSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        DriftPolicy: {
            /**
             * @description What was changed outside: brought back, or held for a decision. Default repair
             * @enum {string}
             */
            changed?: "repair" | "hold";
            /**
             * @description What others made: shown, or not. Default hold
             * @enum {string}
             */
            extra?: "hold" | "ignore";
            /**
             * @description What is gone: made again, but for what held data; or held for a decision. Default repair
             * @enum {string}
             */
            missing?: "repair" | "hold";
            /**
             * @description What carries an id that no object has: held for a decision, or deleted. Default hold
             * @enum {string}
             */
            zombie?: "hold" | "delete";
        };
        DriftSpec: {
            /** @description That someone asked for its adoption */
            readonly adopt?: components["schemas"]["Adoption"];
            /** @description Id at the backend */
            readonly backend?: string;
            readonly backendName?: string;
            readonly detail: string;
            /** @enum {string} */
            readonly difference: "missing" | "changed" | "extra" | "zombie";
            /** @description What was found */
            readonly facts: components["schemas"]["Facts"];
            /** @description What differs */
            readonly fields?: components["schemas"]["DriftField"][];
            /** Format: date-time */
            readonly firstSeen: string;
            /** @description That someone decided to leave it */
            readonly ignore?: components["schemas"]["Ignore"];
            /** @description Kind of the object */
            readonly kind: string;
            /** @description Id of the object, or that a zombie carries */
            readonly object?: string;
            readonly objectName?: string;
            /** @description Id of the host or region */
            readonly place: string;
            readonly placeName: string;
            /** @description Project of the object */
            readonly project?: string;
            /** @description That someone asked for a repair */
            readonly repair?: components["schemas"]["Asked"];
            /** @description Whose it is at the backend */
            readonly tenant?: string;
            readonly tenantName?: string;
            /** @description The object is there as well; this one has to be removed at its cloud */
            readonly twin?: boolean;
        };
        DriftStatus: {
            /**
             * Format: date-time
             * @description To the hour
             */
            lastSeen?: string;
            message?: string;
            /** @description What it was adopted as */
            object?: components["schemas"]["Ref"];
            /**
             * Format: date-time
             * @description The request for a repair that was carried out
             */
            repaired?: string;
            /** @enum {string} */
            state?: "open" | "repairing" | "adopting" | "adopted" | "ignored";
        };
        /** @description What a drift shall be from now on; labels left out stay, secrets left out stay */
        DriftUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["DriftSpec"];
        };
        EnrolRequest: {
            agentVersion: string;
            /** @enum {string} */
            arch: "amd64" | "arm64";
            /** Format: int64 */
            cpus: number;
            /** Format: int64 */
            memoryMiB: number;
            /** @description The host's own name, a suggestion */
            name: string;
            /** @description Public nkey of the agent */
            publicKey: string;
            roles: ("kvm" | "ceph" | "bmc")[];
            /**
             * Format: date-time
             * @description The host's clock
             */
            time: string;
            token: string;
        };
        EnrolResponse: {
            /** @description PEM */
            busCA: string;
            /** @description tls://host:port, several joined by commas */
            busUrl: string;
            hostId: string;
            /**
             * Format: date-time
             * @description The server's clock
             */
            time: string;
        };
        EnrolToken: {
            /** Format: date-time */
            expiresAt: string;
            name?: string;
            site: string;
            token: string;
        };
        Enrolment: {
            /** @description Base32, to be typed into an authenticator */
            secret: string;
            /**
             * Format: uri
             * @description otpauth://, to be scanned as a QR code
             */
            url: string;
        };
        Entry: {
            /** @description Book entry of the machine; empty when it is in no book */
            asset?: string;
            id: string;
            /** @description host, hypervisor, baremetal or asset of the physical; server, volume, bucket … of the virtual */
            kind: string;
            /** @description Machine that it is on, or that it is a part of */
            machine?: string;
            name: string;
            /** @description Who answers for it: of the physical by the books, of the virtual the project's id */
            owner?: string;
            physical: boolean;
            /** @description Site, region or cluster */
            place?: string;
            rack?: string;
            serial?: string;
            /** @description Where the machine stands, by the books */
            site?: string;
            /** @description up or down of a machine, absent of one that is booked and not seen, external of what is in the books only, else the phase */
            state: string;
            /** @description Of an asset; of a machine, that of its book entry */
            type?: string;
            /** Format: int64 */
            unit?: number;
        };
        EnvApp: {
            /** @description Accepts that the app has no public nodes left */
            allowNoPublic?: boolean;
            /**
             * @description How strongly they avoid each other's host; as the public ones when left out
             * @enum {string}
             */
            antiAffinity?: "none" | "soft" | "hard";
            app: string;
            /**
             * Format: int64
             * @description Servers of the node group that is made
             */
            count?: number;
            /**
             * @description Of this app; the environment's when left out
             * @enum {string}
             */
            failoverPolicy?: "failover" | "strict" | "spill";
            /** @description Theirs; that of the public ones when left out */
            flavor?: string;
            /** @description Node group that is there, of which a public one becomes dedicated; without it one is made and goes with the environment */
            nodegroup?: string;
        };
        EnvCondition: {
            /** @description Name of the header, cookie or query parameter */
            key?: string;
            /** @enum {string} */
            op: "equal" | "not_equal" | "prefix" | "in" | "not_in" | "regex" | "percentage" | "present";
            /** @enum {string} */
            type: "header" | "cookie" | "query" | "path" | "storeId" | "memberId" | "channel" | "sourceCIDR" | "tlsClient";
            value?: string[];
        };
        EnvIdentify: {
            conditions: components["schemas"]["EnvCondition"][] | null;
            /**
             * @description Whether all conditions must hold, or any; default all
             * @enum {string}
             */
            logic?: "all" | "any";
            /**
             * Format: int64
             * @description Over all environments of a chain the lowest is tried first
             */
            priority?: number;
        };
        EnvNodes: {
            app: string;
            /** @description All were ready once; before that, the app is shared */
            joined?: boolean;
            nodegroup: string;
            /** Format: int64 */
            nodes: number;
            /** Format: int64 */
            ready: number;
        };
        Explanation: {
            allowed: boolean;
            /** @description The grants that allow it, each of which is enough */
            because: components["schemas"]["Reasoning"][];
            /** @description What forbids it, or what is missing */
            denied?: string;
            /** @description All grants that reach the node */
            grants: components["schemas"]["Grant"][];
            /** @description What would allow it */
            hint?: string;
            kind: string;
            /** @description Full name; empty for the installation as a whole */
            node: string;
            user: string;
            verb: string;
        };
        External: {
            arch?: string;
            /** Format: int64 */
            count: number;
            /** Format: int64 */
            cpus: number;
            /** Format: int64 */
            diskGiB: number;
            /** Format: int64 */
            memoryMiB: number;
            type: string;
        };
        FactorCode: {
            code: string;
        };
        FactorEnrolment: {
            /** @description One's present one */
            password: string;
        };
        FactorStatus: {
            /** Format: date-time */
            confirmedAt?: string;
            enabled: boolean;
            /**
             * Format: int64
             * @description How many are left
             */
            recoveryCodes: number;
        };
        Facts: {
            /** @description Servers that have the volume */
            attachedTo?: string[];
            bridge?: string;
            /** Format: int64 */
            bytes?: number;
            cards?: components["schemas"]["Card"][];
            cidr?: string;
            /** @description Resource class of a machine */
            class?: string;
            dns?: string[];
            external?: boolean;
            format?: string;
            gateway?: string;
            image?: string;
            /** @description Addresses of the network that someone has */
            inUse?: string[];
            /** Format: int64 */
            memoryMiB?: number;
            /** @description Joined by a router */
            networks?: string[];
            power?: string;
            /** @description A router leads out of the network */
            routed?: boolean;
            /**
             * Format: int64
             * @description Of a volume or share, or of a server's own disk
             */
            sizeGiB?: number;
            /** @description In the backend's own words */
            state?: string;
            /** Format: int64 */
            vcpus?: number;
            visibility?: string;
            /** @description Attached to a server */
            volumes?: string[];
        };
        Field: {
            message: string;
            /** @description e.g. spec.cidr */
            path: string;
            value?: unknown;
        };
        File: {
            /** Format: int64 */
            bytes: number;
            sha256: string;
            url: string;
        };
        /** @description What a write did */
        FlavorApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["FlavorObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new flavor shall be */
        FlavorCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["FlavorSpec"];
        };
        /** @description One page */
        FlavorList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["FlavorObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        FlavorObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["FlavorSpec"];
            readonly status: components["schemas"]["FlavorStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        FlavorPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a FlavorSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        FlavorSpec: {
            /**
             * Format: int64
             * @description Root disk
             */
            diskGiB: number;
            /** @description Results of benchmarks on servers of this size, and on machines it is compared with */
            measured?: components["schemas"]["Measurement"][];
            /** Format: int64 */
            memoryMiB: number;
            /** @description Labels a host must carry */
            traits?: {
                [key: string]: string;
            };
            /** Format: int64 */
            vcpus: number;
        };
        FlavorStatus: Record<string, never>;
        /** @description What a flavor shall be from now on; labels left out stay, secrets left out stay */
        FlavorUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["FlavorSpec"];
        };
        /** @description What a write did */
        FloatingipApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["FloatingipObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new floatingip shall be */
        FloatingipCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["FloatingipSpec"];
        };
        /** @description One page */
        FloatingipList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["FloatingipObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        FloatingipObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["FloatingipSpec"];
            readonly status: components["schemas"]["FloatingipStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        FloatingipPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a FloatingipSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        FloatingipSpec: {
            /** @description Host or region whose outside the address is of, by name or id; that of the server when empty, else the only one that gives addresses out */
            host?: string;
            /** @description Server that it leads to, by name or id, kept as its id; nobody when empty */
            server?: string;
        };
        FloatingipStatus: {
            address?: string;
            /** @description Id of the server that it leads to now */
            attachedTo?: string;
            /** @description Id of the host or region */
            host?: string;
            hostName?: string;
            /** @description Id of the network that it leads into, or is about to */
            network?: string;
        };
        /** @description What a floatingip shall be from now on; labels left out stay, secrets left out stay */
        FloatingipUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["FloatingipSpec"];
        };
        Foreign: {
            /** Format: int64 */
            memoryMiB: number;
            /** Format: int64 */
            vcpus: number;
            /** Format: int64 */
            volumeGiB: number;
        };
        Grant: {
            /** @description Full name of the node; empty for the root */
            node: string;
            nodeId: string;
            nodeType: string;
            /** @description Built in, or the name of a custom role */
            role: string;
            title?: string;
        };
        GrantPermissions: {
            kinds: components["schemas"]["KindPermissions"][] | null;
            /** @description Full name of the node; empty for the root */
            node: string;
            nodeId: string;
            nodeType: string;
            /** @description Built in, or the name of a custom role */
            role: string;
            title?: string;
        };
        Group: {
            /** Format: int64 */
            alive: number;
            /** @enum {string} */
            by: "arch" | "zone" | "aggregate" | "trait" | "label";
            diskGiB: components["schemas"]["Level"];
            /** Format: int64 */
            hosts: number;
            memoryMiB: components["schemas"]["Level"];
            /** @description x86_64, the zone's name …; of labels KEY=VALUE */
            name: string;
            vcpus: components["schemas"]["Level"];
        };
        GroupRole: {
            group: string;
            /** @description Id or full name; empty for the root */
            node: string;
            /** @description Built in, or the name of a custom role */
            role: string;
        };
        GroupServer: {
            /** @description Id of the host or region */
            host?: string;
            hostName?: string;
            id: string;
            name: string;
            /** @description Hypervisor within a region */
            node?: string;
        };
        GroupVolume: {
            name: string;
            /**
             * Format: int64
             * @description It only grows
             */
            sizeGiB: number;
            /** @description Storage tier; it can not be changed */
            tier?: string;
        };
        Head: {
            /**
             * Format: date-time
             * @description When it was signed
             */
            at: string;
            /** @description Of the last link */
            hash: string;
            /** @description Ed25519 public key of the installation, in base64 */
            key: string;
            /**
             * Format: int64
             * @description Place of the last link; 0 for none
             */
            seq: number;
            /** @description Of the lines "plaza audit", seq, hash and at, in base64 */
            signature: string;
        };
        HealthCheck: {
            code: string;
            message: string;
            severity: string;
        };
        HealthReport: {
            /** @description What the workload says of its parts */
            answer?: unknown;
            message?: string;
            ok: boolean;
            /** Format: date-time */
            since: string;
            url: string;
        };
        HistoryList: {
            items: components["schemas"]["Audit"][];
            /** @description Pass it as before for the next page; absent at the end */
            next?: string;
        };
        Holding: {
            /** Format: int64 */
            committed: number;
            kind: string;
            metric: string;
            name: string;
            objectId: string;
            project: string;
            /** Format: int64 */
            reserved: number;
        };
        HoldingPage: {
            items: components["schemas"]["Holding"][];
            next?: string;
        };
        Hop: {
            app: string;
            decision: string;
            env?: string;
            lane?: string;
            node: string;
            /** Format: int64 */
            version: number;
        };
        /** @description What a write did */
        HostApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["HostObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new host shall be */
        HostCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["HostSpec"];
        };
        /** @description One page */
        HostList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["HostObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        HostObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["HostSpec"];
            readonly status: components["schemas"]["HostStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        HostPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a HostSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        HostSpec: {
            /**
             * Format: double
             * @description vCPUs per physical CPU; default 8
             */
            cpuOvercommit?: number;
            /** @description What is done about differences between Plaza and the host */
            drift?: components["schemas"]["DriftPolicy"];
            /** @description Addresses that projects may hold: routed to this host, or of a network it is on */
            floatingCIDRs?: string[];
            /**
             * Format: double
             * @description Default 1
             */
            memoryOvercommit?: number;
            /** @description NKey of the host's agent */
            publicKey?: string;
            /** @description Name of one of its traits: only servers whose flavor asks for that are placed here, and their volumes */
            reservedFor?: string;
            /**
             * Format: int64
             * @description Kept for the host itself; default 1024
             */
            reservedMemoryMiB?: number;
            /** @description What it is for; default kvm */
            roles?: ("kvm" | "ceph" | "bmc")[];
            /** @description New servers may be placed here */
            schedulable: boolean;
            /** @description KVM site or region the host belongs to */
            site: string;
            /** @description What flavors and orders can ask for */
            traits?: {
                [key: string]: string;
            };
        };
        HostStatus: {
            accel: string;
            accelReason: string;
            agentVersion: string;
            alive: boolean;
            arch: string;
            /** Format: date-time */
            bootedAt: string;
            /** Format: int64 */
            cpus: number;
            /** Format: int64 */
            diskFreeGiB: number;
            /** Format: int64 */
            diskGiB: number;
            hypervisor: string;
            kernel: string;
            /** Format: date-time */
            lastSeen?: string;
            libvirt: string;
            libvirtError?: string;
            libvirtUp: boolean;
            /** Format: double */
            load1: number;
            /** Format: int64 */
            memoryFreeMiB: number;
            /** Format: int64 */
            memoryMiB: number;
            name: string;
            /** Format: date-time */
            observedAt: string;
            /** Format: int64 */
            runningServers: number;
        };
        /** @description What a host shall be from now on; labels left out stay, secrets left out stay */
        HostUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["HostSpec"];
        };
        Hypervisor: {
            aggregates?: string[];
            arch?: string;
            enabled: boolean;
            id: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            reason?: string;
            required?: string[];
            /** Format: int64 */
            servers: number;
            stock: {
                [key: string]: components["schemas"]["Stock"];
            };
            traits?: string[];
            type: string;
            up: boolean;
            zone?: string;
        };
        IdentityProvider: {
            /** Format: date-time */
            createdAt: string;
            /** @description Lets nobody in; sessions go on */
            disabled: boolean;
            /** @description Lets in only those with a verified e-mail address in one of them; empty: everybody */
            domains: string[];
            /** @description Roles by group, renewed at each login */
            groups: components["schemas"]["GroupRole"][];
            /** Format: uuid */
            id: string;
            ldap?: components["schemas"]["LDAPSettings"];
            name: string;
            oidc?: components["schemas"]["OIDCSettings"];
            /** @description Makes the account of whoever comes for the first time */
            provision: boolean;
            title?: string;
            /** @enum {string} */
            type: "oidc" | "ldap";
            /** Format: date-time */
            updatedAt: string;
        };
        IdentityProviderList: {
            items: components["schemas"]["IdentityProvider"][];
        };
        Ignore: {
            /** Format: date-time */
            at: string;
            by: string;
            reason: string;
            /** Format: date-time */
            until?: string;
        };
        /** @description What a write did */
        ImageApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["ImageObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new image shall be */
        ImageCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["ImageSpec"];
        };
        /** @description One page */
        ImageList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["ImageObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        ImageObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["ImageSpec"];
            readonly status: components["schemas"]["ImageStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        ImagePatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a ImageSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        ImageSpec: {
            /** @description Set when others made it and Plaza took it over */
            readonly adopted?: components["schemas"]["Adopted"];
            /** @description Default x86_64 */
            arch?: string;
            cmdline?: string;
            disk: components["schemas"]["File"];
            /** @description There is no file of it: it is a cloud's own */
            readonly external?: boolean;
            /** @enum {string} */
            format: "qcow2" | "raw";
            initrd?: components["schemas"]["File"];
            /** @description Of an adopted one: deletion leaves it at its cloud */
            keep?: boolean;
            /** @description Booted directly when given */
            kernel?: components["schemas"]["File"];
            /** Format: int64 */
            minDiskGiB?: number;
            /** Format: int64 */
            minMemoryMiB?: number;
        };
        ImageStatus: {
            /** @description Hosts and regions that have a checked copy */
            hosts?: string[];
        };
        /** @description What a image shall be from now on; labels left out stay, secrets left out stay */
        ImageUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["ImageSpec"];
        };
        Invitation: {
            /** Format: date-time */
            createdAt: string;
            createdBy: string;
            email?: string;
            /** Format: date-time */
            expiresAt: string;
            /** Format: uuid */
            id: string;
            /** @description Name the user will have; empty: the invited choose theirs */
            name?: string;
            /** @description Full name; empty for the root */
            node: string;
            nodeId: string;
            /** @description Built in, or the name of a custom role */
            role: string;
        };
        InvitationList: {
            items: components["schemas"]["Invitation"][];
        };
        /** @description What a write did */
        KeypairApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["KeypairObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new keypair shall be */
        KeypairCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["KeypairSpec"];
        };
        /** @description One page */
        KeypairList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["KeypairObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        KeypairObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["KeypairSpec"];
            readonly status: components["schemas"]["KeypairStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        KeypairPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a KeypairSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        KeypairSpec: {
            /** @description One line of authorized_keys */
            publicKey: string;
        };
        KeypairStatus: {
            /** @description SHA256:… */
            fingerprint?: string;
            /** @description e.g. ssh-ed25519 */
            type?: string;
        };
        /** @description What a keypair shall be from now on; labels left out stay, secrets left out stay */
        KeypairUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["KeypairSpec"];
        };
        KindPermissions: {
            kind: string;
            verbs: string[] | null;
        };
        KindsMember: {
            address?: string;
            host?: string;
            id: string;
            /** @description It was ready once */
            joined?: boolean;
            /**
             * Format: date-time
             * @description Since when it gets nothing new, as it is to go
             */
            leaving?: string;
            name: string;
            phase: string;
            published?: components["schemas"]["Published"][];
            updated: boolean;
        };
        LDAPSettings: {
            baseDn: string;
            /** @description Who searches, with the provider's secret as password; anonymous without it */
            bindDn?: string;
            /** @description Authorities of its certificate, in PEM; the system's without it */
            ca?: string;
            /** @description mail without it */
            emailAttribute?: string;
            /** @description Finds the entry of {name}; (uid={name}) without it */
            filter?: string;
            /** @description What a group is called by; cn without it */
            groupAttribute?: string;
            /** @description baseDn without it */
            groupBaseDn?: string;
            /** @description Finds the groups of {dn}, or of {name}; (member={dn}) without it */
            groupFilter?: string;
            /** @description uid without it */
            nameAttribute?: string;
            startTls?: boolean;
            /** @description Never changes and is never given to another; entryUUID without it */
            subjectAttribute?: string;
            /** @description ldaps://HOST or ldap://HOST, the latter with startTls or of this machine only */
            url: string;
        };
        LaneApp: {
            app: string;
            entry?: boolean;
            /** @description Most calls first */
            flows: components["schemas"]["LaneFlow"][];
            /** @description The public one first */
            pools: components["schemas"]["LanePool"][];
        };
        LaneFlow: {
            /** Format: double */
            callsPerSecond: number;
            decision: string;
            /** @description Empty for common calls */
            env?: string;
            /** @enum {string} */
            pool: "public" | "dedicated" | "all" | "none";
        };
        LaneMap: {
            apps: components["schemas"]["LaneApp"][];
            /**
             * Format: int64
             * @description How many of them have not taken over the version
             */
            behind: number;
            chain: string;
            disabled?: boolean;
            /**
             * Format: double
             * @description Labels not accepted, within the last report of each
             */
            invalid: number;
            /**
             * Format: double
             * @description Calls that dedicated nodes refused, within the last report of each
             */
            rejects: number;
            /**
             * Format: int64
             * @description How many of them told of their calls within the last minute
             */
            reporting: number;
            /**
             * Format: int64
             * @description Who follow the chain
             */
            subscribers: number;
            /**
             * Format: int64
             * @description Of the chain's config
             */
            version: number;
            /**
             * Format: double
             * @description Calls they stopped, within their last report, since they broke a guarantee; anything but 0 is a fault of Plaza
             */
            violations: number;
        };
        LaneNode: {
            address: string;
            name: string;
        };
        LanePool: {
            /** @description Empty for the public nodes */
            env?: string;
            nodes: components["schemas"]["LaneNode"][];
            stage?: string;
        };
        LedgerList: {
            items: components["schemas"]["Entry"][];
            /** @description Cursor of the following page; empty at the end */
            next?: string;
        };
        Level: {
            /**
             * Format: int64
             * @description What may be promised: overcommit included, reserved left out
             */
            capacity: number;
            /**
             * Format: int64
             * @description What an order may still get. Only hosts that take orders count, so it may be less than the difference
             */
            free: number;
            /**
             * Format: int64
             * @description As the backend itself counts; of KVM hosts, which keep no books, as Plaza does
             */
            inUse: number;
            /** Format: int64 */
            physical: number;
            /**
             * Format: int64
             * @description How often one is promised, in thousandths; of a sum, the mean rounded down
             */
            ratioMilli: number;
            /**
             * Format: int64
             * @description Of the physical, kept for the host itself
             */
            reserved: number;
        };
        Link: {
            entry: unknown;
            hash: string;
            /** Format: int64 */
            seq: number;
        };
        ListenerSpec: {
            /**
             * @description How a member is chosen; source keeps a caller with one; default round-robin
             * @enum {string}
             */
            algorithm?: "round-robin" | "least-connections" | "source";
            check?: components["schemas"]["CheckSpec"];
            members: components["schemas"]["MembersSpec"];
            name: string;
            /** Format: int64 */
            port: number;
            /**
             * @description Default http, which tells members of the caller in X-Forwarded-For
             * @enum {string}
             */
            protocol?: "http" | "tcp";
        };
        ListenerStatus: {
            members?: components["schemas"]["BalancedMember"][];
            name: string;
            /** Format: int64 */
            port: number;
        };
        Load: {
            /**
             * Format: double
             * @description Of all its vCPUs
             */
            cpuPercent: number;
            /**
             * Format: int64
             * @description Of the host's, as far as its place tells
             */
            memoryMiB: number;
            /** Format: int64 */
            readBytesPerSecond: number;
            /** Format: int64 */
            rxBytesPerSecond: number;
            /** Format: int64 */
            txBytesPerSecond: number;
            /** Format: int64 */
            writeBytesPerSecond: number;
        };
        /** @description What a write did */
        LoadbalancerApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["LoadbalancerObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new loadbalancer shall be */
        LoadbalancerCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["LoadbalancerSpec"];
        };
        /** @description One page */
        LoadbalancerList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["LoadbalancerObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        LoadbalancerObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["LoadbalancerSpec"];
            readonly status: components["schemas"]["LoadbalancerStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        LoadbalancerPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a LoadbalancerSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        LoadbalancerSpec: {
            /** @description Fixed addresses of the nodes in the network, by number, for those who ask from within it; given out otherwise */
            addresses?: string[];
            /**
             * Format: int64
             * @description When a node is taken for booted that can neither be heard nor seen to be; default 60
             */
            bootSeconds?: number;
            /** @description Flavor of its nodes; a small one is enough */
            flavor: string;
            /** @description Image of its nodes, with HAProxy under plaza-init; default plaza-appliance, or the newest whose name begins with plaza-appliance- when it is made */
            image?: string;
            listeners: components["schemas"]["ListenerSpec"][] | null;
            /** @description Network of its nodes and of its members, by name or id; kept as its id */
            network: string;
            /**
             * Format: int64
             * @description How many nodes; default 2. With one, nothing serves while it is replaced
             */
            nodes?: number;
            /** @description Whether it has a floating address, which leads to one node and moves when that is lost */
            public?: boolean;
        };
        LoadbalancerStatus: {
            /** @description Floating address */
            address?: string;
            /** @description Addresses of the nodes within the network; each of them serves */
            addresses?: string[];
            /** @description Id of the node that has answered this control plane at the floating address */
            answered?: string;
            listeners?: components["schemas"]["ListenerStatus"][];
            nodes?: components["schemas"]["BalancerNode"][];
            /**
             * Format: int64
             * @description How often in a row it has not answered since
             */
            silences?: number;
            /**
             * Format: date-time
             * @description Members have changed since then, and the nodes are not told yet as more may change
             */
            waitingSince?: string;
            /** @description How it is brought about: haproxy, by nodes of its own */
            way?: string;
            /**
             * Format: int64
             * @description Nodes that are well
             */
            well: number;
        };
        /** @description What a loadbalancer shall be from now on; labels left out stay, secrets left out stay */
        LoadbalancerUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["LoadbalancerSpec"];
        };
        Login: {
            /**
             * Format: date-time
             * @description Moves on with use
             */
            expiresAt: string;
            token: string;
            user: components["schemas"]["User"];
        };
        LoginProvider: {
            name: string;
            title?: string;
            /** @description Where the browser goes */
            url: string;
        };
        LoginProviderList: {
            items: components["schemas"]["LoginProvider"][];
        };
        LoginTicket: {
            ticket: string;
            /** @description What the challenge was made of */
            verifier: string;
        };
        MachineClass: {
            /**
             * Format: int64
             * @description In maintenance, or a step failed: never given out
             */
            broken: number;
            /**
             * Format: int64
             * @description Being cleaned, inspected or enrolled
             */
            busy: number;
            class: string;
            /** Format: int64 */
            free: number;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            used: number;
        };
        MachineStep: {
            args?: {
                [key: string]: unknown;
            };
            interface: string;
            step: string;
        };
        Me: {
            /**
             * Format: date-time
             * @description When the session or token ends
             */
            expiresAt?: string;
            /** @description The part of the tree that is seen, projects among it, by full name */
            nodes: components["schemas"]["Node"][];
            permissions: components["schemas"]["Permissions"];
            /** @description Id of the API token in use; empty for a session */
            token?: string;
            user: components["schemas"]["User"];
        };
        Measurement: {
            /**
             * Format: date-time
             * @description When
             */
            at: string;
            /**
             * @description What it ran on: a server of this flavor, or a machine as large
             * @enum {string}
             */
            on: "server" | "baremetal";
            unit: string;
            /** Format: double */
            value: number;
            /** @description The benchmark and how it was asked */
            what: string;
        };
        Member: {
            dependsOn?: string[];
            id?: string;
            key: string;
            kind: string;
            message?: string;
            name: string;
            phase?: string;
            /** @description Fields of its spec that the blueprint states; the others are whoever's who may change it */
            stated?: string[];
        };
        MembersSpec: {
            /** @description Name or id, kept as its id; its servers are followed as it grows, shrinks and replaces them */
            nodegroup?: string;
            /**
             * Format: int64
             * @description Port that they listen on; their security groups must let the network in
             */
            port: number;
            /** @description Names or ids, kept as ids, of servers that are in no node group */
            servers?: string[];
        };
        /** @description What a write did */
        MonitorApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["MonitorObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new monitor shall be */
        MonitorCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["MonitorSpec"];
        };
        /** @description One page */
        MonitorList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["MonitorObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        MonitorObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["MonitorSpec"];
            readonly status: components["schemas"]["MonitorStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        MonitorPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a MonitorSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        MonitorSpec: {
            /**
             * Format: int64
             * @description Default 30
             */
            everySeconds?: number;
            /**
             * Format: int64
             * @description Failures in a row that make it be down; default 2
             */
            failures?: number;
            /** @description What the port must answer with 200 by HTTP; a connection is enough when empty */
            path?: string;
            /**
             * Format: int64
             * @description Published TCP port that must answer; with 0 the server only has to run
             */
            port?: number;
            /** @description Server that it watches, by name or id; kept as its id */
            server: string;
        };
        MonitorStatus: {
            /** Format: date-time */
            checkedAt?: string;
            /** @description As its place counts since the guest's start */
            counters?: components["schemas"]["ServerStats"];
            /** @description Of the last check */
            error?: string;
            /**
             * Format: int64
             * @description In a row, up to now
             */
            failures?: number;
            /**
             * Format: int64
             * @description Of the last check that was answered
             */
            latencyMs?: number;
            /** @description Between the last two looks at a server that ran */
            load?: components["schemas"]["Load"];
            /**
             * Format: date-time
             * @description Of up or down
             */
            since?: string;
            up: boolean;
        };
        /** @description What a monitor shall be from now on; labels left out stay, secrets left out stay */
        MonitorUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["MonitorSpec"];
        };
        Needs: {
            /** @description Limits that did not allow it */
            limits?: components["schemas"]["Raise"][];
            /** @description Whoever asked may not make the call */
            permission: boolean;
            /** @description What the call was refused with */
            refusal?: string;
        };
        Network: {
            /** @description By external network */
            addresses?: components["schemas"]["Addresses"][];
            /** Format: int64 */
            free: number;
            /**
             * Format: date-time
             * @description Of the oldest figure in it
             */
            observedAt?: string;
            /** @description What it is of does not answer now, or was not asked for long: the last known figures are shown */
            stale: boolean;
            /**
             * Format: int64
             * @description Networks of Plaza's tenants
             */
            tenantNetworks: number;
            /**
             * Format: int64
             * @description Addresses reachable from outside
             */
            total: number;
            /** Format: int64 */
            used: number;
        };
        /** @description What a write did */
        NetworkApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["NetworkObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new network shall be */
        NetworkCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["NetworkSpec"];
        };
        /** @description One page */
        NetworkList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["NetworkObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        NetworkObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["NetworkSpec"];
            readonly status: components["schemas"]["NetworkStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        NetworkPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a NetworkSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        NetworkPort: {
            address: string;
            /** @description Floating address that leads to it */
            floating?: string;
            mac: string;
            name: string;
            /** @description Port id */
            port?: string;
            published?: components["schemas"]["Published"][];
            /** @description Server id; empty for a port of its own */
            server?: string;
        };
        NetworkSpec: {
            /** @description Set when others made it and Plaza took it over */
            readonly adopted?: components["schemas"]["Adopted"];
            /** @description IPv4 CIDR between /16 and /29, e.g. 10.10.0.0/24 */
            cidr: string;
            /** @description Default: the gateway */
            dns?: string[];
            /**
             * @description Whether servers reach the outside; default none
             * @enum {string}
             */
            egress?: "none" | "nat";
            /** @description Default: the first address */
            gateway?: string;
            /** @description Of an adopted one: deletion leaves it at its cloud */
            keep?: boolean;
        };
        NetworkStatus: {
            bridge?: string;
            /** @description Id of the host or region the network lives in */
            host?: string;
            namespace?: string;
            ports?: components["schemas"]["NetworkPort"][];
        };
        /** @description What a network shall be from now on; labels left out stay, secrets left out stay */
        NetworkUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["NetworkSpec"];
        };
        NewBinding: {
            /** @description Id or full name; empty for the root */
            node: string;
            /** @description admin, operator, member, reader, auditor, billing-reader, or the name of a custom role */
            role: string;
            /** @description Id or name */
            user: string;
        };
        NewEnrolToken: {
            /** @description Name the host will have; what the agent suggests without it */
            name?: string;
            /** @description KVM site or region that the host will belong to */
            site: string;
            /**
             * Format: int64
             * @description How long it may be used; an hour without it
             */
            ttlSeconds?: number;
        };
        NewIdentityProvider: {
            disabled?: boolean;
            /** @description Lets in only those with a verified e-mail address in one of them */
            domains?: string[];
            /** @description Roles by group, renewed at each login */
            groups?: components["schemas"]["GroupRole"][];
            /** @description or this */
            ldap?: components["schemas"]["LDAPSettings"];
            name: string;
            /** @description Either this */
            oidc?: components["schemas"]["OIDCSettings"];
            /** @description Makes the account of whoever comes for the first time */
            provision?: boolean;
            /** @description The client's secret, or the password of bindDn; kept sealed and never shown */
            secret?: string;
            title?: string;
        };
        NewInvitation: {
            /** @description Whom it is for; nothing is sent */
            email?: string;
            /**
             * Format: date-time
             * @description At most 30 days ahead; 7 days without it
             */
            expiresAt?: string;
            /** @description Name the user is to have; without it the invited choose theirs */
            name?: string;
            /** @description Id or full name; empty for the root */
            node: string;
            /** @description admin, operator, member, reader, auditor, billing-reader, or the name of a custom role */
            role: string;
        };
        NewNode: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Id or full name; empty for the root */
            parent?: string;
            title?: string;
            /** @enum {string} */
            type: "group" | "subsidiary" | "brand" | "region" | "store" | "project";
        };
        NewRole: {
            description?: string;
            name: string;
            /** @description Id or full name; empty for the root */
            node: string;
            permissions: components["schemas"]["Permission"][];
        };
        NewToken: {
            /**
             * Format: date-time
             * @description Without it the token is valid until it is deleted
             */
            expiresAt?: string;
            name: string;
            /** @description Id or full name; limits the token to what lies at or below it */
            node?: string;
            /**
             * @description Limits the token to this role at most
             * @enum {string}
             */
            role?: "admin" | "operator" | "member" | "reader" | "subscriber";
            /** @description Id or name of the user the token is for; empty for oneself */
            user?: string;
        };
        NewUser: {
            email?: string;
            name: string;
            /** @description Without one the user cannot sign in and acts by tokens only */
            password?: string;
            /** @description Id or name of an identity provider by which the user signs in instead */
            provider?: string;
            /** @description Who the user is to the provider */
            subject?: string;
        };
        Node: {
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description Since when it is being deleted with all that hangs on it
             */
            deletingAt?: string;
            /** @description Names below the root, joined by slashes; empty for the root */
            fullName: string;
            /** Format: uuid */
            id: string;
            labels?: {
                [key: string]: string;
            };
            /** @description Unique among the siblings */
            name: string;
            /** @description Empty for the root */
            parentId?: string;
            /** @description Ids from the root to the node, each followed by a slash */
            path: string;
            /** @description Below it only the administrators of the root change anything */
            suspended: boolean;
            /** @description Display name in any script */
            title?: string;
            /** @enum {string} */
            type: "group" | "subsidiary" | "brand" | "region" | "store" | "project";
        };
        NodeChange: {
            labels?: {
                [key: string]: string;
            };
            name?: string;
            suspended?: boolean;
            title?: string;
        };
        NodeList: {
            items: components["schemas"]["Node"][];
        };
        NodeMove: {
            /** @description Id or full name of the node to hang it below; / for the root */
            parent: string;
        };
        /** @description What a write did */
        NodegroupApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["NodegroupObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new nodegroup shall be */
        NodegroupCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["NodegroupSpec"];
        };
        /** @description One page */
        NodegroupList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["NodegroupObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        NodegroupObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["NodegroupSpec"];
            readonly status: components["schemas"]["NodegroupStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        NodegroupPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a NodegroupSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        NodegroupSpec: {
            /** @description Fixed addresses by number; given out when there are fewer than servers */
            addresses?: string[];
            /**
             * @description How strongly the servers avoid each other, by a server group of the node group's own; default soft
             * @enum {string}
             */
            antiAffinity?: "none" | "soft" | "hard";
            /** Format: int64 */
            count: number;
            /**
             * Format: int64
             * @description How long a server that is to go still runs, after those who send to the group were told to send it nothing new; default 0
             */
            drainSeconds?: number;
            flavor: string;
            image: string;
            keypair?: string;
            /**
             * Format: int64
             * @description Servers replaced at a time; default 1
             */
            maxUnavailable?: number;
            metadata?: {
                [key: string]: string;
            };
            network: string;
            publish?: components["schemas"]["PublishSpec"][];
            securityGroups?: string[];
            /**
             * @description What a new template does to the servers that are there: rolling replaces them, manual leaves them until someone deletes them, as those with data of their own need; default rolling
             * @enum {string}
             */
            updatePolicy?: "rolling" | "manual";
            /** @description cloud-config; ${name} stands for the server's name, ${index} for its number from 0 */
            userData?: string;
            /** @description Volumes of each server's own, named GROUP-NUMBER-NAME. They are kept when a server is replaced or there are fewer, and go with the group */
            volumes?: components["schemas"]["GroupVolume"][];
        };
        NodegroupStatus: {
            members?: components["schemas"]["KindsMember"][];
            /** Format: int64 */
            ready: number;
            /**
             * Format: int64
             * @description Servers made from the present template
             */
            updated: number;
        };
        /** @description What a nodegroup shall be from now on; labels left out stay, secrets left out stay */
        NodegroupUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["NodegroupSpec"];
        };
        OIDCSettings: {
            /** @description Authorities of its certificate, in PEM; the system's without it */
            ca?: string;
            clientId: string;
            /** @description groups without it */
            groupsClaim?: string;
            /** @description https://; http:// of this machine only */
            issuer: string;
            /** @description preferred_username without it */
            nameClaim?: string;
            /** @description This installation's https://HOST/v1/login/oidc/callback, as the provider knows it */
            redirectUrl: string;
            /** @description openid, profile and email without any */
            scopes?: string[];
        };
        ObjectRawMessageRawMessage: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: unknown;
            readonly status: unknown;
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        Operation: {
            actor: string;
            /** Format: int64 */
            attempts: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            endedAt?: string;
            /** Format: int64 */
            generation: number;
            id: string;
            /** @description Kind of the object worked on */
            kind: string;
            /** @description What is going on */
            message?: string;
            objectId: string;
            objectName: string;
            problem?: components["schemas"]["OperationProblem"];
            /**
             * Format: int64
             * @description Percent
             */
            progress: number;
            project?: string;
            /** Format: date-time */
            startedAt?: string;
            /** @enum {string} */
            state: "pending" | "running" | "succeeded" | "failed" | "cancelled";
            /** @description create, update, delete, or an action's name */
            verb: string;
        };
        OperationList: {
            items: components["schemas"]["Operation"][];
            /** @description Pass it as before for the next page; absent at the end */
            next?: string;
        };
        OperationProblem: {
            /** @description What was looked at, and why it was refused */
            candidates?: components["schemas"]["Candidate"][];
            /** @description What is wrong, in a sentence */
            detail: string;
            /** @description Every field that is wrong */
            fields?: components["schemas"]["Field"][];
            /** @description The nearest fix */
            hint?: string;
            /** @description Kind of resource the problem is about */
            kind?: string;
            /** @description For machines */
            reason: string;
        };
        Order: {
            blueprint: string;
            name: string;
            parameters?: {
                [key: string]: unknown;
            };
            /** @description Project id */
            project: string;
            size: string;
        };
        OrderApplied: {
            changed: boolean;
            object: components["schemas"]["ObjectRawMessageRawMessage"];
            /** @description Absent when nothing had to be done */
            operation?: components["schemas"]["Operation"];
            plan: components["schemas"]["Plan"];
        };
        OrderApply: {
            blueprint: string;
            name: string;
            parameters?: {
                [key: string]: unknown;
            };
            /** @description Refused when it is not any more what would happen */
            planId?: string;
            /** @description Project id */
            project: string;
            size: string;
        };
        Parameter: {
            default?: unknown;
            description?: string;
            /** Format: int64 */
            generate?: number;
            pattern?: string;
            secret?: boolean;
            /** @enum {string} */
            type: "string" | "integer" | "boolean";
        };
        Party: {
            /** @description Of the user, or of the token that was used */
            id: string;
            name: string;
            /** @description Id of the user */
            user: string;
        };
        PasswordChange: {
            /** @description At least 10 characters */
            new: string;
            old: string;
        };
        PasswordReset: {
            /** @description At least 10 characters */
            password: string;
        };
        Permission: {
            /**
             * @description Every kind of objects in projects, of those everybody chooses from, or of what the installation runs on
             * @enum {string}
             */
            class?: "project" | "catalogue" | "infrastructure";
            /** @description Such as server; this or class */
            kind?: string;
            /** @description create, update, delete, actions of the kind, or * for all */
            verbs: string[];
        };
        Permissions: {
            /** @description What is allowed on kinds that belong to no project, and across projects */
            global: components["schemas"]["KindPermissions"][] | null;
            /** @description By role held; what is allowed in a project is the union over the grants above it */
            grants: components["schemas"]["GrantPermissions"][] | null;
        };
        Plan: {
            changes: components["schemas"]["Change"][] | null;
            id: string;
            order: components["schemas"]["Order"];
            quota: components["schemas"]["QuotaLine"][] | null;
            /** @description Why it could not be applied as things stand */
            refused?: components["schemas"]["OperationProblem"][];
            summary: components["schemas"]["Summary"];
            version: string;
        };
        Point: {
            /** Format: date-time */
            at: string;
            /** Format: int64 */
            capacity: number;
            /** Format: int64 */
            free: number;
            /** Format: int64 */
            used: number;
        };
        Pool: {
            /**
             * Format: int64
             * @description Of them, those that answer
             */
            alive: number;
            baremetal?: components["schemas"]["Baremetal"];
            /** @description Disks of servers; on KVM hosts volumes, too */
            diskGiB: components["schemas"]["Amount"];
            /** @description The same hosts by architecture, zone, aggregate, trait and label; a host may be in several groups */
            groups?: components["schemas"]["Group"][];
            /**
             * Format: int64
             * @description Hosts or hypervisors
             */
            hosts: number;
            /** @description Of the region or cluster; site:NAME for a site; all for the sum */
            id: string;
            /** @enum {string} */
            kind: "site" | "region" | "cluster" | "total";
            /** @description Each host; only where one pool is read */
            members?: components["schemas"]["PoolMember"][];
            memoryMiB: components["schemas"]["Amount"];
            network?: components["schemas"]["Network"];
            /**
             * Format: date-time
             * @description Of the oldest figure in it
             */
            observedAt?: string;
            /**
             * Format: int64
             * @description Plaza's
             */
            servers: number;
            /** @description Name of the site, region or cluster */
            site: string;
            /** @description What it is of does not answer now, or was not asked for long: the last known figures are shown */
            stale: boolean;
            storage?: components["schemas"]["Storage"];
            vcpus: components["schemas"]["Amount"];
            /** @description Volumes of regions and clusters */
            volumeGiB: components["schemas"]["Amount"];
            /**
             * Format: int64
             * @description Plaza's
             */
            volumes: number;
        };
        PoolList: {
            /**
             * Format: date-time
             * @description When it was put together
             */
            at: string;
            /** @description Assets that nothing is placed on, counted apart */
            external: components["schemas"]["External"][];
            items: components["schemas"]["Pool"][];
            total: components["schemas"]["Pool"];
        };
        PoolMember: {
            aggregates?: string[];
            alive: boolean;
            arch?: string;
            diskGiB: components["schemas"]["Level"];
            /** @description Of the host; of a hypervisor, the region's own */
            id: string;
            labels?: {
                [key: string]: string;
            };
            memoryMiB: components["schemas"]["Level"];
            name: string;
            /**
             * Format: date-time
             * @description Of the oldest figure in it
             */
            observedAt?: string;
            /** @description It takes orders */
            open: boolean;
            /**
             * Format: int64
             * @description That run on it, whoever made them
             */
            servers: number;
            /** @description What it is of does not answer now, or was not asked for long: the last known figures are shown */
            stale: boolean;
            /** @description Further resource classes of the region */
            stock?: {
                [key: string]: components["schemas"]["Level"];
            };
            traits?: string[];
            /** @description QEMU 7.2.22, QEMU … */
            type?: string;
            vcpus: components["schemas"]["Level"];
            /** @description Why it takes none */
            why?: string;
            zone?: string;
        };
        /** @description What a write did */
        PortApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["PortObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new port shall be */
        PortCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["PortSpec"];
        };
        /** @description One page */
        PortList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["PortObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        PortObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["PortSpec"];
            readonly status: components["schemas"]["PortStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        PortPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a PortSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        PortSpec: {
            /** @description Fixed IPv4 address; given out when empty */
            address?: string;
            /** @description Network name or id; kept as its id */
            network: string;
            /** @description Names or ids, kept as ids; without any, nothing may come in */
            securityGroups?: string[];
        };
        PortStatus: {
            address?: string;
            /** @description Server id */
            attachedTo?: string;
            mac?: string;
        };
        /** @description What a port shall be from now on; labels left out stay, secrets left out stay */
        PortUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["PortSpec"];
        };
        Problem: {
            /** @description What was looked at, and why it was refused */
            candidates?: components["schemas"]["Candidate"][];
            /** @description What is wrong, in a sentence */
            detail: string;
            /** @description Every field that is wrong */
            fields?: components["schemas"]["Field"][];
            /** @description The nearest fix */
            hint?: string;
            /**
             * Format: uri
             * @description Names this request in the server's log
             */
            instance?: string;
            /** @description Kind of resource the problem is about */
            kind?: string;
            /** @description The operation that failed, when the request waited for one */
            operation?: components["schemas"]["Operation"];
            /** @description For machines, e.g. QuotaExceeded */
            reason: string;
            /**
             * Format: int64
             * @description HTTP status
             */
            status: number;
            /** @description The reason in words */
            title: string;
            /**
             * Format: uri
             * @description urn:plaza:problem: and the reason
             */
            type: string;
        };
        PublishSpec: {
            /** @description host:port to listen on; default 127.0.0.1 and a free port */
            listen?: string;
            /** Format: int64 */
            port: number;
        };
        Published: {
            /** @description host:port */
            endpoint: string;
            /** @description The address is one that the region chose */
            floating?: boolean;
            /** Format: int64 */
            port: number;
        };
        PublishedEnv: {
            /** Format: date-time */
            at: string;
            env: string;
            /** Format: int64 */
            generation: number;
            id: string;
            stage: string;
            /**
             * Format: int64
             * @description Of the config, in which both first were
             */
            version: number;
        };
        QuotaLimit: {
            /**
             * Format: int64
             * @description Limit; -1 for none
             */
            hard: number;
            /**
             * Format: int64
             * @description More than that is allowed but too much; -1 for none
             */
            soft?: number;
            /** @description The limits below may not add up to more than this one */
            strict?: boolean;
        };
        QuotaLine: {
            /** Format: int64 */
            after: number;
            /** Format: int64 */
            before: number;
            /**
             * Format: int64
             * @description Limit; -1 for none
             */
            hard: number;
            metric: string;
        };
        QuotaList: {
            items: components["schemas"]["QuotaUsage"][];
        };
        QuotaUsage: {
            /**
             * Format: int64
             * @description Held by objects that are there
             */
            committed: number;
            /**
             * Format: int64
             * @description Limit; -1 for none
             */
            hard: number;
            metric: string;
            /** @description Id */
            node: string;
            /**
             * Format: int64
             * @description Promised to objects that are being made
             */
            reserved: number;
            /**
             * Format: int64
             * @description More than that is allowed but too much; -1 for none
             */
            soft: number;
            /** @description The limits below may not add up to more than this one */
            strict: boolean;
        };
        Raise: {
            metric: string;
            /**
             * Format: int64
             * @description What is asked for beyond what is left
             */
            missing: number;
            /** @description Id */
            node: string;
        };
        Reasoning: {
            /** @description Full name of the node; empty for the root */
            node: string;
            nodeId: string;
            nodeType: string;
            /** @description Built in, or the name of a custom role */
            role: string;
            /** @description By their names in the policy */
            rules: string[];
            title?: string;
        };
        RecoveryCodes: {
            /** @description Shown this once */
            recoveryCodes: string[];
        };
        Ref: {
            id: string;
            kind: string;
            name?: string;
        };
        /** @description What a write did */
        RegionApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["RegionObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new region shall be */
        RegionCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["RegionSpec"];
        };
        /** @description One page */
        RegionList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["RegionObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        RegionObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["RegionSpec"];
            readonly status: components["schemas"]["RegionStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        RegionPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a RegionSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        RegionSpec: {
            /** @description Identity service, e.g. https://cloud.example:5000/v3 */
            authURL: string;
            /** @description PEM; the system's authorities when empty */
            caCert?: string;
            /** @description What is done about differences between Plaza and the cloud */
            drift?: components["schemas"]["DriftPolicy"];
            /** @description Where floating addresses come from, by name or id; the only external network when empty */
            externalNetwork?: string;
            /**
             * @description Which endpoints of the catalogue to use; default public
             * @enum {string}
             */
            interface?: "public" | "internal";
            /** @description amqp:// or amqps:// URL of the cloud's message bus; encrypted at rest and never returned. Without it, changes made outside show at the next survey */
            notifications?: string;
            /** @description Encrypted at rest and never returned */
            password: string;
            /** @description Project in which Plaza is an administrator */
            project: string;
            /** @description Default: that of the user */
            projectDomain?: string;
            /** @description Name of the region in the cloud's catalogue; the only one when empty */
            region?: string;
            /** @description New orders may be placed here */
            schedulable: boolean;
            /** @description What flavors and orders can ask for */
            traits?: {
                [key: string]: string;
            };
            /**
             * @description What sort of cloud it is
             * @enum {string}
             */
            type: "openstack";
            /** @description Default: Default */
            userDomain?: string;
            username: string;
        };
        RegionStatus: {
            /** @description Its compute and identity services answer */
            alive: boolean;
            baremetal?: components["schemas"]["BaremetalPool"][];
            /** @description What is used there by others than Plaza */
            foreign: components["schemas"]["Foreign"];
            hypervisors?: components["schemas"]["Hypervisor"][];
            /** Format: date-time */
            lastSeen?: string;
            networks?: components["schemas"]["AddressPool"][];
            /** Format: date-time */
            observedAt: string;
            services?: components["schemas"]["Service"][];
            storage?: components["schemas"]["StoragePool"][];
        };
        /** @description What a region shall be from now on; labels left out stay, secrets left out stay */
        RegionUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["RegionSpec"];
        };
        Report: {
            /** Format: double */
            bound: number;
            byEnv: {
                [key: string]: number;
            };
            byKind: {
                [key: string]: number;
            };
            /** Format: int64 */
            common: number;
            configHash: string;
            control: string[] | null;
            decisions: {
                [key: string]: number;
            };
            /** Format: double */
            durationSeconds: number;
            errorSamples: string[] | null;
            /** Format: int64 */
            errors: number;
            examples: components["schemas"]["Violation"][] | null;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            guardRefusals: number;
            hops: {
                [key: string]: {
                    [key: string]: number;
                };
            };
            /** Format: int64 */
            labelled: number;
            versions: {
                [key: string]: number;
            };
            /** Format: int64 */
            violations: number;
        };
        /** @description What a write did */
        RequestApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["RequestObject"];
            operation?: components["schemas"]["Operation"];
        };
        RequestApproveInput: {
            note?: string;
        };
        RequestCommentInput: {
            text: string;
        };
        /** @description What a new request shall be */
        RequestCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["RequestSpec"];
        };
        /** @description One page */
        RequestList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["RequestObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        RequestObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["RequestSpec"];
            readonly status: components["schemas"]["RequestStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        RequestPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a RequestSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        RequestRefuseInput: {
            reason: string;
        };
        RequestSpec: {
            /** @description Of the call, at most 64 KiB; encrypted and never returned, as it may hold secrets: wanted tells what comes of it */
            body?: unknown;
            /** @description Who asked */
            readonly by?: components["schemas"]["Party"];
            /** @description What the object would take from the quota, by metric */
            readonly charges?: {
                [key: string]: number;
            };
            /** @description Why it is needed */
            comment: string;
            readonly comments?: components["schemas"]["Comment"][];
            readonly decision?: components["schemas"]["Decision"];
            /**
             * Format: date-time
             * @description When it ends undecided; default in 7 days, at most in 90
             */
            expiresAt?: string;
            /** @description Kind of the object that it is about */
            readonly kind?: string;
            /**
             * @description Of the call that was refused
             * @enum {string}
             */
            method: "POST" | "PUT" | "PATCH" | "DELETE";
            /** @description What the call lacks */
            readonly needs?: components["schemas"]["Needs"];
            /** @description Name of the object */
            readonly object?: string;
            /** @description Of the object that is there; another one that takes its name is not meant */
            readonly objectId?: string;
            /** @description e.g. /v1/servers, or /v1/servers/web/resize; names are those of the request's project */
            path: string;
            /** @description What the call does: create, update, delete, or an action of the kind */
            readonly verb?: string;
            /** @description The object's spec as it would be, without its secrets */
            readonly wanted?: unknown;
        };
        RequestStatus: {
            /** Format: date-time */
            endedAt?: string;
            /** @description Why it failed, or was refused */
            message?: string;
            /** @description What the call made or changed */
            object?: components["schemas"]["Ref"];
            /** @description Id of the operation that the call began */
            operation?: string;
            /** @enum {string} */
            state?: "open" | "running" | "done" | "failed" | "refused" | "withdrawn" | "expired";
        };
        /** @description What a request shall be from now on; labels left out stay, secrets left out stay */
        RequestUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["RequestSpec"];
        };
        RevertSpec: {
            /** @description Tells one return from the next */
            askedAt: string;
            snapshot: string;
        };
        RoleChange: {
            description?: string;
            permissions?: components["schemas"]["Permission"][];
        };
        RoleList: {
            builtIn: components["schemas"]["BuiltInRole"][];
            /** @description Custom ones, by node and name */
            items: components["schemas"]["CustomRole"][];
        };
        /** @description What a write did */
        RouterApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["RouterObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new router shall be */
        RouterCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["RouterSpec"];
        };
        /** @description One page */
        RouterList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["RouterObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        RouterObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["RouterSpec"];
            readonly status: components["schemas"]["RouterStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        RouterPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a RouterSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        RouterSpec: {
            /** @description Networks of the project that reach each other, by name or id, kept as ids; in one place, with ranges that do not overlap */
            networks: string[];
        };
        RouterStatus: {
            /** @description Id of the host or region that its networks live in */
            host?: string;
            hostName?: string;
            /** @description Ids of the networks that are joined; one that lives nowhere yet waits for its first server */
            networks?: string[];
        };
        /** @description What a router shall be from now on; labels left out stay, secrets left out stay */
        RouterUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["RouterSpec"];
        };
        SecurityRule: {
            /** @description Where from; empty for anywhere */
            cidr?: string;
            /**
             * Format: int64
             * @description First port; 0 with toPort 0 for all
             */
            fromPort?: number;
            /** @enum {string} */
            protocol: "tcp" | "udp" | "icmp";
            /**
             * Format: int64
             * @description Last port; default fromPort
             */
            toPort?: number;
        };
        /** @description What a write did */
        SecuritygroupApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["SecuritygroupObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new securitygroup shall be */
        SecuritygroupCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["SecuritygroupSpec"];
        };
        /** @description One page */
        SecuritygroupList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["SecuritygroupObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        SecuritygroupObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["SecuritygroupSpec"];
            readonly status: components["schemas"]["SecuritygroupStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        SecuritygroupPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a SecuritygroupSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        SecuritygroupSpec: {
            rules?: components["schemas"]["SecurityRule"][];
        };
        SecuritygroupStatus: {
            /**
             * Format: int64
             * @description Servers that use it
             */
            servers: number;
        };
        /** @description What a securitygroup shall be from now on; labels left out stay, secrets left out stay */
        SecuritygroupUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["SecuritygroupSpec"];
        };
        /** @description One page of objects with nothing in them but what was asked for */
        Selection: {
            count?: components["schemas"]["Total"];
            items: ({
                /** Format: uuid */
                id: string;
                name: string;
            } & {
                [key: string]: unknown;
            })[];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        Series: {
            /** @description Of each step its busiest moment; steps without a sample are left out */
            items: components["schemas"]["Point"][];
            metric: string;
            /** @description Id of the pool */
            place: string;
            /** @description Storage pool, external network or class of machines */
            pool?: string;
            /** Format: int64 */
            stepSeconds: number;
        };
        /** @description What a write did */
        ServerApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["ServerObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new server shall be */
        ServerCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["ServerSpec"];
        };
        /** @description One page */
        ServerList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["ServerObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        ServerObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["ServerSpec"];
            readonly status: components["schemas"]["ServerStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        ServerPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a ServerSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        ServerResizeInput: {
            flavor: string;
        };
        ServerRevertInput: {
            name: string;
        };
        ServerSnapshotInput: {
            name: string;
        };
        ServerSpec: {
            /** @description Fixed IPv4 address; given out when empty */
            address?: string;
            /** @description Set when others made it and Plaza took it over */
            readonly adopted?: components["schemas"]["Adopted"];
            /** @description Flavor name */
            flavor: string;
            /** @description Host or region to run on; chosen when empty */
            host?: string;
            /** @description Image name */
            image: string;
            /** @description Of an adopted one: deletion leaves it at its cloud */
            keep?: boolean;
            /** @description Name or id; kept as its id */
            keypair?: string;
            metadata?: {
                [key: string]: string;
            };
            /** @description Network name or id; kept as its id */
            network: string;
            /** @description Ports for further cards, by name or id; kept as ids */
            ports?: string[];
            /**
             * @description Default running
             * @enum {string}
             */
            power?: "running" | "stopped";
            /** @description TCP ports to make reachable from outside */
            publish?: components["schemas"]["PublishSpec"][];
            /** @description Changes with each reboot that was asked for */
            readonly restartedAt?: string;
            /** @description The last return to a snapshot that was asked for */
            readonly revert?: components["schemas"]["RevertSpec"];
            /** @description Names or ids, kept as ids; without any, nothing may come in */
            securityGroups?: string[];
            /** @description Name or id of the group whose policy it is placed by; kept as its id */
            serverGroup?: string;
            /** @description Snapshots to keep, of disk and memory */
            snapshots?: string[];
            /** @description cloud-config; encrypted at rest and never returned */
            userData?: string;
            /** @description Volume names or ids; kept as ids */
            volumes?: string[];
        };
        ServerStats: {
            /** Format: int64 */
            cpuNanos: number;
            /** Format: int64 */
            memoryRssKiB: number;
            /** Format: date-time */
            observedAt: string;
            /** Format: int64 */
            readBytes: number;
            /** Format: int64 */
            rxBytes: number;
            /** Format: int64 */
            txBytes: number;
            /** Format: int64 */
            writeBytes: number;
        };
        ServerStatus: {
            /** @description kvm or tcg */
            accel?: string;
            address?: string;
            /** Format: int64 */
            diskGiB?: number;
            /** @description Floating address that leads to it */
            floating?: string;
            /** @description The backend has nothing left of it */
            gone?: boolean;
            /** @description Id of the host or region */
            host?: string;
            hostName?: string;
            mac?: string;
            /** Format: int64 */
            memoryMiB?: number;
            /** @description Hypervisor within a region */
            node?: string;
            /** @description Ids of the ports that it has cards for */
            ports?: string[];
            power?: string;
            published?: components["schemas"]["Published"][];
            restartedAt?: string;
            revertedAt?: string;
            /**
             * Format: date-time
             * @description Start of the present power state
             */
            since?: string;
            snapshots?: string[];
            /** Format: int64 */
            vcpus?: number;
            /** @description Of an adopted server: those that Plaza attached */
            volumes?: string[];
        };
        /** @description What a server shall be from now on; labels left out stay, secrets left out stay */
        ServerUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["ServerSpec"];
        };
        /** @description What a write did */
        ServergroupApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["ServergroupObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new servergroup shall be */
        ServergroupCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["ServergroupSpec"];
        };
        /** @description One page */
        ServergroupList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["ServergroupObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        ServergroupObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["ServergroupSpec"];
            readonly status: components["schemas"]["ServergroupStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        ServergroupPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a ServergroupSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        ServergroupSpec: {
            /**
             * @description On hypervisors of their own or on one; the soft ones where that can be. It is kept for ever
             * @enum {string}
             */
            policy: "anti-affinity" | "soft-anti-affinity" | "affinity" | "soft-affinity";
        };
        ServergroupStatus: {
            /** @description By affinity: id of the host or region that its servers stay in */
            host?: string;
            members?: components["schemas"]["GroupServer"][];
            /** @description Ids of the hosts and regions that have or had servers of the group */
            places?: string[];
        };
        /** @description What a servergroup shall be from now on; labels left out stay, secrets left out stay */
        ServergroupUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["ServergroupSpec"];
        };
        Service: {
            circuit: string;
            error?: string;
            /** Format: int64 */
            failures: number;
            /** Format: int64 */
            requests: number;
            /** Format: date-time */
            since: string;
            type: string;
            up: boolean;
            version?: string;
        };
        Session: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            /** Format: uuid */
            id: string;
            remote?: string;
            /**
             * Format: date-time
             * @description Last use, to the minute
             */
            seenAt: string;
            userAgent?: string;
            userId: string;
        };
        SessionList: {
            items: components["schemas"]["Session"][];
        };
        ShareAccess: {
            /** @enum {string} */
            mode: "ro" | "rw";
            /** @description Of the client, unique within the share */
            name: string;
        };
        /** @description What a write did */
        ShareApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["ShareObject"];
            operation?: components["schemas"]["Operation"];
        };
        ShareClient: {
            /** @description Name that the client gives */
            client: string;
            /** @enum {string} */
            mode: "ro" | "rw";
            /** @description Of the client, unique within the share */
            name: string;
        };
        /** @description What a new share shall be */
        ShareCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["ShareSpec"];
        };
        ShareCredentials: {
            clients: components["schemas"]["ShareKey"][];
            /** @description Name of the file system */
            fs: string;
            /** @description Where it is mounted from */
            monitors: string[];
            /** @description Within the file system */
            path: string;
        };
        ShareKey: {
            /** @description Name that the client gives */
            client: string;
            key: string;
            /** @enum {string} */
            mode: "ro" | "rw";
            name: string;
        };
        /** @description One page */
        ShareList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["ShareObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        ShareObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["ShareSpec"];
            readonly status: components["schemas"]["ShareStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        SharePatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a ShareSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        ShareSpec: {
            /** @description Who may mount it; keys are read by GET /v1/shares/{id}/credentials */
            access?: components["schemas"]["ShareAccess"][];
            /** @description Only this cluster; chosen when empty */
            cluster?: string;
            /**
             * Format: int64
             * @description Most that it holds; it may shrink as far as it is empty
             */
            sizeGiB: number;
            /** @description Storage tier; any cluster when empty */
            tier?: string;
        };
        ShareStatus: {
            access?: components["schemas"]["ShareClient"][];
            /** @description Id of the cluster that keeps it */
            cluster?: string;
            /** @description Name of the file system */
            fs?: string;
            /** @description Where clients mount it from */
            monitors?: string[];
            /** @description Within the file system */
            path?: string;
            /** Format: int64 */
            usedBytes: number;
        };
        /** @description What a share shall be from now on; labels left out stay, secrets left out stay */
        ShareUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["ShareSpec"];
        };
        Size: {
            description: string;
            values: {
                [key: string]: unknown;
            };
        };
        /** @description What a write did */
        SnapshotApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["SnapshotObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new snapshot shall be */
        SnapshotCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["SnapshotSpec"];
        };
        /** @description One page */
        SnapshotList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["SnapshotObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        SnapshotObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["SnapshotSpec"];
            readonly status: components["schemas"]["SnapshotStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        SnapshotPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a SnapshotSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        SnapshotSpec: {
            /** @description Volume it is taken of, attached to a running server or not */
            volume: string;
        };
        SnapshotStatus: {
            /**
             * Format: date-time
             * @description The moment it keeps
             */
            createdAt?: string;
            /** @description Id of the host or region that keeps it: that of its volume */
            host?: string;
            /**
             * Format: int64
             * @description Of the volume at that moment
             */
            sizeGiB?: number;
        };
        /** @description What a snapshot shall be from now on; labels left out stay, secrets left out stay */
        SnapshotUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["SnapshotSpec"];
        };
        Space: {
            /** Format: int64 */
            freeBytes: number;
            /** Format: int64 */
            totalBytes: number;
            /** Format: int64 */
            usedBytes: number;
        };
        Stock: {
            /** Format: int64 */
            ratioMilli: number;
            /** Format: int64 */
            reserved: number;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            used: number;
        };
        Storage: {
            /** @description HEALTH_OK, HEALTH_WARN, HEALTH_ERR */
            health?: string;
            /**
             * Format: date-time
             * @description Of the oldest figure in it
             */
            observedAt?: string;
            /** @description Only where one pool is read */
            pools?: components["schemas"]["BackendPool"][];
            /** @description The disks themselves, copies included; of KVM sites and clusters, as a region does not tell */
            raw: components["schemas"]["Space"];
            /** @description What it is of does not answer now, or was not asked for long: the last known figures are shown */
            stale: boolean;
            tiers?: components["schemas"]["Tier"][];
        };
        StoragePool: {
            backend?: string;
            /** Format: int64 */
            freeGiB: number;
            name: string;
            /** Format: int64 */
            promisedGiB: number;
            tier?: string;
            /** Format: int64 */
            totalGiB: number;
            up: boolean;
        };
        /** @description What a write did */
        StoragepoolApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["StoragepoolObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new storagepool shall be */
        StoragepoolCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["StoragepoolSpec"];
        };
        /** @description One page */
        StoragepoolList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["StoragepoolObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        StoragepoolObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["StoragepoolSpec"];
            readonly status: components["schemas"]["StoragepoolStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        StoragepoolPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a StoragepoolSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        StoragepoolSpec: {
            /**
             * @description What it is for: volumes, buckets or shares
             * @enum {string}
             */
            application: "rbd" | "rgw" | "cephfs";
            /** @description Cluster by name */
            cluster: string;
            /**
             * Format: int64
             * @description How many disks may fail
             */
            codingChunks?: number;
            /**
             * Format: int64
             * @description Erasure coded, with codingChunks, instead of copies
             */
            dataChunks?: number;
            /** @description Disks it may use, such as ssd; any when empty */
            deviceClass?: string;
            /**
             * @description What no two copies share; default host
             * @enum {string}
             */
            failureDomain?: "host" | "rack" | "osd";
            /**
             * Format: int64
             * @description Placement groups; as the cluster chooses when empty
             */
            pgs?: number;
            /** @description Its name in the cluster; that of this object when empty */
            pool?: string;
            /**
             * Format: int64
             * @description 0 for none
             */
            quotaGiB?: number;
            /**
             * Format: int64
             * @description Copies; default 3 when there are no chunks
             */
            replicas?: number;
        };
        StoragepoolStatus: {
            application?: string;
            /** @description Id of the cluster */
            cluster?: string;
            erasure: boolean;
            /** Format: int64 */
            freeBytes: number;
            /**
             * @description Whether it was made for this object, or was there before and stays
             * @enum {string}
             */
            made?: "here" | "before";
            /** Format: int64 */
            minSize: number;
            name: string;
            /** Format: int64 */
            objects: number;
            /** Format: int64 */
            pgs: number;
            /** Format: int64 */
            quotaBytes?: number;
            rule: string;
            /** Format: int64 */
            size: number;
            /** Format: int64 */
            storedBytes: number;
            /** Format: int64 */
            usedBytes: number;
        };
        /** @description What a storagepool shall be from now on; labels left out stay, secrets left out stay */
        StoragepoolUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["StoragepoolSpec"];
        };
        /** @description What a write did */
        StoragetierApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["StoragetierObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new storagetier shall be */
        StoragetierCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            spec: components["schemas"]["StoragetierSpec"];
        };
        /** @description One page */
        StoragetierList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["StoragetierObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        StoragetierObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["StoragetierSpec"];
            readonly status: components["schemas"]["StoragetierStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        StoragetierPatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a StoragetierSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        StoragetierSpec: {
            /** @description Words such as ssd, hdd, archive */
            classes?: string[];
            /** @description Clusters that keep it, by name; every one with these traits when empty */
            clusters?: string[];
            /** @description What it is good for */
            doc?: string;
            /**
             * Format: int64
             * @description Most operations per second of a volume; 0 for no bound
             */
            iops?: number;
            /**
             * Format: int64
             * @description Most MiB per second of a volume; 0 for no bound
             */
            mibps?: number;
            /** @description Placement target of buckets within the cluster; its default when empty */
            placement?: string;
            /** @description Pool of shares within the cluster, storage backend of volumes within a region; the default when empty */
            pool?: string;
            /** @description What a cluster, a host or a region must be labelled with */
            traits?: {
                [key: string]: string;
            };
        };
        StoragetierStatus: Record<string, never>;
        /** @description What a storagetier shall be from now on; labels left out stay, secrets left out stay */
        StoragetierUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["StoragetierSpec"];
        };
        Subscriber: {
            /** @description Who acknowledged in its name */
            actor: string;
            /**
             * Format: int64
             * @description The last it took over; 0 for none
             */
            applied: number;
            /**
             * Format: int64
             * @description How many versions what it applies is behind the newest
             */
            lag: number;
            reason?: string;
            /** @description What it told of its own the last time */
            report?: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            seenAt: string;
            /** @enum {string} */
            state: "applied" | "refused";
            subscriber: string;
            /**
             * Format: int64
             * @description The last it acknowledged
             */
            version: number;
        };
        SubscriberList: {
            items: components["schemas"]["Subscriber"][];
        };
        Summary: {
            /** Format: int64 */
            create: number;
            /** Format: int64 */
            delete: number;
            /** Format: int64 */
            keep: number;
            /** Format: int64 */
            update: number;
        };
        Tier: {
            /** Format: int64 */
            freeBytes: number;
            name: string;
            /** Format: int64 */
            pools: number;
            /** Format: int64 */
            promisedBytes: number;
            /** Format: int64 */
            totalBytes: number;
            /** Format: int64 */
            usedBytes: number;
        };
        Token: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt?: string;
            /** @description First characters of the secret, to tell tokens apart */
            hint: string;
            /** Format: uuid */
            id: string;
            name: string;
            /** @description Limits the token to what lies at or below this node */
            nodeId?: string;
            /** @description Limits the token to this role at most */
            role?: string;
            /**
             * Format: date-time
             * @description Last use, to the minute
             */
            usedAt?: string;
            userId: string;
        };
        TokenList: {
            items: components["schemas"]["Token"][];
        };
        Total: {
            /**
             * @description exact: they were counted; estimated: there are too many for that
             * @enum {string}
             */
            by: "exact" | "estimated";
            /** Format: int64 */
            objects: number;
        };
        User: {
            /** Format: date-time */
            createdAt: string;
            disabled: boolean;
            email?: string;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            lastLoginAt?: string;
            /**
             * Format: date-time
             * @description Set after repeated failures to sign in
             */
            lockedUntil?: string;
            name: string;
            /** @description Who knows this user; empty for one with a password here */
            providerId?: string;
            /** @description Who this is to the provider */
            subject?: string;
        };
        UserChange: {
            /** @description Shuts the account out and ends its sessions; false lets it in again and unlocks it */
            disabled: boolean;
        };
        UserList: {
            items: components["schemas"]["User"][];
        };
        Verification: {
            /**
             * Format: int64
             * @description Common calls to send; 10000 when both are 0
             */
            common?: number;
            /** Format: int64 */
            concurrency?: number;
            /**
             * Format: int64
             * @description Labelled calls to send per environment
             */
            labelled?: number;
            /** @description Protections to switch off for these probes alone: a control that must find violations when it names both */
            without?: ("guard" | "filter")[];
        };
        Version: {
            /** @enum {string} */
            api: "v1";
            go: string;
            version: string;
        };
        Violation: {
            env?: string;
            hop: components["schemas"]["Hop"];
            kind: string;
            path: string;
            trail: components["schemas"]["Hop"][] | null;
        };
        /** @description What a write did */
        VolumeApplied: {
            /** @description False when everything was like that already */
            changed: boolean;
            /** @description What it takes from the quota, by metric */
            charges?: {
                [key: string]: number;
            };
            created: boolean;
            /** @description Nothing was written */
            dryRun?: boolean;
            object: components["schemas"]["VolumeObject"];
            operation?: components["schemas"]["Operation"];
        };
        /** @description What a new volume shall be */
        VolumeCreate: {
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Project id or full name */
            project: string;
            spec: components["schemas"]["VolumeSpec"];
        };
        /** @description One page */
        VolumeList: {
            count?: components["schemas"]["Total"];
            items: components["schemas"]["VolumeObject"][];
            /** @description Pass it as after for the next page, however few objects are on this one; absent at the end */
            next?: string;
        };
        VolumeObject: {
            readonly conditions?: components["schemas"]["Condition"][];
            /** Format: date-time */
            readonly createdAt: string;
            readonly createdBy?: string;
            /** Format: date-time */
            readonly deletingAt?: string;
            readonly finalizers?: string[];
            /**
             * Format: int64
             * @description Grows with each change of spec
             */
            readonly generation: number;
            /**
             * Format: uuid
             * @description UUIDv7
             */
            readonly id: string;
            readonly kind: string;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /**
             * Format: int64
             * @description Generation the status tells of
             */
            readonly observedGeneration: number;
            /** @description Object that made this one and that it dies with */
            readonly owner?: components["schemas"]["Ref"];
            /** @enum {string} */
            readonly phase: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
            /** @description Project id; empty for kinds that belong to the whole installation */
            project?: string;
            /**
             * Format: int64
             * @description Position in the watch stream
             */
            readonly revision: number;
            spec: components["schemas"]["VolumeSpec"];
            readonly status: components["schemas"]["VolumeStatus"];
            /** Format: date-time */
            readonly updatedAt: string;
            /**
             * Format: int64
             * @description Grows with each write; the ETag
             */
            readonly version: number;
        };
        /** @description JSON merge patch: what is there replaces, null removes, the rest stays */
        VolumePatch: {
            labels?: {
                [key: string]: string | null;
            };
            /** @description Part of a VolumeSpec */
            spec?: {
                [key: string]: unknown;
            };
        };
        VolumeSpec: {
            /** @description Set when others made it and Plaza took it over */
            readonly adopted?: components["schemas"]["Adopted"];
            /** @description Backup whose content it begins with, instead of an image's or a snapshot's; it is kept where that is */
            backup?: string;
            /** @description Host or region to keep it in; chosen when empty */
            host?: string;
            /** @description Image whose content it begins with */
            image?: string;
            /** @description Of an adopted one: deletion leaves it at its cloud */
            keep?: boolean;
            /** Format: int64 */
            sizeGiB: number;
            /** @description Snapshot whose content it begins with, instead of an image's; it is kept where that is */
            snapshot?: string;
            /** @description Storage tier: where it may be kept, and how fast it may be. It can not be changed */
            tier?: string;
            /** @description It is placed and made where the first server that names it goes, rather than at once where there is room */
            withServer?: boolean;
        };
        VolumeStatus: {
            /** @description Server id */
            attachedTo?: string;
            /** @description Id of the host or region that keeps it */
            host?: string;
            /** Format: int64 */
            sizeGiB?: number;
        };
        /** @description What a volume shall be from now on; labels left out stay, secrets left out stay */
        VolumeUpdate: {
            labels?: {
                [key: string]: string;
            };
            spec: components["schemas"]["VolumeSpec"];
        };
        WatchEvent: {
            /**
             * @description sync comes first and tells where the stream starts
             * @enum {string}
             */
            change: "sync" | "put" | "delete";
            /** @description Empty in the event sync */
            kind?: string;
            name?: string;
            /** @description The object as it is now, of its kind's schema; absent when it is gone */
            object?: unknown;
            objectId?: string;
            project?: string;
            /** Format: int64 */
            revision: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    explainAccess: {
        parameters: {
            query: {
                /** @description Id or name; oneself without it */
                user?: string;
                /** @description get, list, watch, create, update, delete, or an action of the kind */
                verb: string;
                /** @description e.g. server */
                kind: string;
                /** @description Id or full name of a project or node; the installation as a whole without it */
                node?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAssets: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createAsset: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssetCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAsset: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The asset */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateAsset: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssetUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteAsset: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchAsset: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["AssetPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAssetHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAssetOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                limit?: number;
                /** @description next of the page before */
                before?: string;
                /** @description Id of the object that was changed */
                object?: string;
                /** @description Project id or full name; without it the whole installation's */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAuditChain: {
        parameters: {
            query?: {
                /** @description Place of the last entry that is known; 0 for none */
                after?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChainList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAuditHead: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Head"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBackups: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBackup: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBackup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backup */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateBackup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBackup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchBackup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["BackupPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBackupHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBackupOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBaremetals: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBaremetal: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaremetalCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The baremetal */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaremetalUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["BaremetalPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    abortBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cleanBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaremetalCleanInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBaremetalHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    inspectBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    maintainBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaremetalMaintainInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    manageBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBaremetalOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    powerBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaremetalPowerInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provideBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    releaseBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rescueBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaremetalRescueInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unrescueBaremetal: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaremetalApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBindings: {
        parameters: {
            query?: {
                /** @description Id or name */
                user?: string;
                /** @description Id or full name, / for the root; all nodes without it */
                node?: string;
                /** @description Also on the nodes below */
                below?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBinding: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBinding"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Binding"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBinding: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBlueprints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlueprintList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBuckets: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBucket: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BucketCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBucket: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bucket */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateBucket: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BucketUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBucket: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchBucket: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["BucketPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    credentialsBucket: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketCredentials"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBucketHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBucketOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateKeyBucket: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BucketApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBundles: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createBundle: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BundleCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applyBundle: {
        parameters: {
            query?: {
                /** @description How long to wait for the bundle to be healthy, e.g. 5m; at most 10m */
                wait?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderApply"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    planBundle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Order"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBundle: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bundle */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateBundle: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BundleUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBundle: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchBundle: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["BundlePatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBundleHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBundleOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyBundle: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Verification"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listClusters: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createCluster: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCluster: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cluster */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateCluster: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteCluster: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchCluster: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ClusterPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listClusterHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listClusterOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConfigs: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createConfig: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConfig: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The config */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateConfig: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteConfig: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchConfig: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ConfigPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ackConfig: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ack"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConfigHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConfigOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rollbackConfig: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigRollbackInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConfigSubscribers: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriberList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listConfigVersions: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that are kept */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigVersionList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConfigVersion: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
                /** @description Number of the version, or current */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigVersion"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchConfigVersions: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description Version that is known; the newest comes at once only when it is higher */
                since?: number;
            };
            header?: {
                /** @description Sent by those who come back; counts instead of since */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events without end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ConfigVersion"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDpathchains: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDpathchain: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DpathchainCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDpathchain: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dpathchain */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDpathchain: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DpathchainUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDpathchain: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchDpathchain: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["DpathchainPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathchainApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDpathchainHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mapLanesDpathchain: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LaneMap"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDpathchainOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDpathenvs: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDpathenv: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DpathenvCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDpathenv: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dpathenv */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDpathenv: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DpathenvUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDpathenv: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchDpathenv: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["DpathenvPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DpathenvApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDpathenvHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDpathenvOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDrifts: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDrift: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DriftCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The drift */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DriftUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["DriftPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adoptDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DriftAdoptInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDriftHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ignoreDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DriftIgnoreInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDriftOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    repairDrift: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFlavors: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createFlavor: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlavorCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFlavor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The flavor */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateFlavor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlavorUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteFlavor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchFlavor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["FlavorPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlavorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFlavorHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFlavorOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFloatingips: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createFloatingip: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FloatingipCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFloatingip: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The floatingip */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateFloatingip: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FloatingipUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteFloatingip: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchFloatingip: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["FloatingipPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FloatingipApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFloatingipHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFloatingipOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHosts: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createHost: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HostCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enrolHost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnrolRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolResponse"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createEnrolToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEnrolToken"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolToken"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHost: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The host */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateHost: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HostUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteHost: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchHost: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["HostPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHostHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHostOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listIdentityProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProviderList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createIdentityProvider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewIdentityProvider"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProvider"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getIdentityProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProvider"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateIdentityProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewIdentityProvider"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityProvider"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteIdentityProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImages: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createImage: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImageCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getImage: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The image */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateImage: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImageUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteImage: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchImage: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ImagePatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImageHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImageOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                /** @description Id or full name, / for the root; all nodes without it */
                node?: string;
                /** @description Also on the nodes below */
                below?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInvitation"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedInvitation"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Acceptance"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeypairs: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKeypair: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeypairCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getKeypair: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keypair */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateKeypair: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeypairUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteKeypair: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchKeypair: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["KeypairPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeypairApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeypairHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeypairOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLedger: {
        parameters: {
            query?: {
                /** @description Only lines of this kind */
                kind?: string;
                /** @description Only of this site, region or cluster */
                place?: string;
                /** @description Only this machine, and what is on it */
                machine?: string;
                rack?: string;
                /** @description Only what this one answers for: a name of the books, or a project's id */
                owner?: string;
                /** @description Only machines that are in no book */
                unbooked?: boolean;
                limit?: number;
                /** @description next of the page before */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLoadbalancers: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createLoadbalancer: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoadbalancerCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLoadbalancer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The loadbalancer */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateLoadbalancer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoadbalancerUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteLoadbalancer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchLoadbalancer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["LoadbalancerPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadbalancerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLoadbalancerHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLoadbalancerOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Credentials"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Login"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLoginProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginProviderList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeemTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginTicket"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Login"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FactorStatus"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enrolTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FactorEnrolment"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrolment"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirmTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FactorCode"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeTotp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FactorCode"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMonitors: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createMonitor: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMonitor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The monitor */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMonitor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MonitorUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMonitor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchMonitor: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["MonitorPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonitorApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMonitorHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMonitorOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNetworks: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createNetwork: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNetwork: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The network */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateNetwork: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NetworkUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteNetwork: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchNetwork: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["NetworkPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NetworkApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNetworkHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNetworkOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNodegroups: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createNodegroup: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodegroupCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNodegroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The nodegroup */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateNodegroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodegroupUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteNodegroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchNodegroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["NodegroupPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodegroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNodegroupHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNodegroupOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNodes: {
        parameters: {
            query?: {
                /** @description Id or full name; only what lies at or below it */
                under?: string;
                type?: "group" | "subsidiary" | "brand" | "region" | "store" | "project";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createNode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNode"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id, or full name with %2F for its slashes */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteNode: {
        parameters: {
            query?: {
                /** @description With all that lies below it and hangs on it, which takes a while: it is done when the node is no longer there. Without, a node that is not empty is refused */
                cascade?: boolean;
            };
            header?: never;
            path: {
                /** @description Id, or full name with %2F for its slashes */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id, or full name with %2F for its slashes */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    moveNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id, or full name with %2F for its slashes */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeMove"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOperations: {
        parameters: {
            query?: {
                limit?: number;
                /** @description next of the page before */
                before?: string;
                /** @description Id of the object worked on */
                object?: string;
                state?: "pending" | "running" | "succeeded" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOperation: {
        parameters: {
            query?: {
                /** @description How long to wait for its end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPoolHistory: {
        parameters: {
            query: {
                /** @description Id or name of a site, region or cluster; all for the sum */
                place?: string;
                /** @description Storage pool, external network or class of machines; the whole place without it */
                pool?: string;
                metric: "vcpus" | "memory_mib" | "disk_gib" | "volume_gib" | "raw_bytes" | "storage_bytes" | "addresses" | "machines";
                /** @description A day before the end without it */
                from?: string;
                /** @description Now without it */
                to?: string;
                /** @description Seconds; about 240 points without it */
                step?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name of a site, region or cluster; all for the sum */
                place: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pool"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPorts: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createPort: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PortCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPort: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The port */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updatePort: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PortUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deletePort: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchPort: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["PortPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPortHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPortOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listQuotas: {
        parameters: {
            query: {
                /** @description Id or full name of a project, or of a node above projects; / for the root */
                node: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listQuotaDifferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DifferenceList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listHoldings: {
        parameters: {
            query: {
                /** @description Id or full name of a project, or of a node above projects; / for the root */
                node: string;
                /** @description Only of this metric */
                metric?: string;
                /** @description next of the page before */
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldingPage"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setQuota: {
        parameters: {
            query: {
                /** @description Id or full name of a project, or of a node above projects; / for the root */
                node: string;
            };
            header?: never;
            path: {
                /** @description e.g. vcpus */
                metric: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuotaLimit"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRegions: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createRegion: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegionCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRegion: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The region */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateRegion: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegionUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteRegion: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchRegion: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["RegionPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegionApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRegionHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRegionOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRequests: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createRequest: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["RequestPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approveRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestApproveInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    commentRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestCommentInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRequestHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRequestOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refuseRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestRefuseInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    withdrawRequest: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRoles: {
        parameters: {
            query?: {
                /** @description Id or full name of the node to bind them on; the root without it */
                node?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoleList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createRole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRole"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomRole"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomRole"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomRole"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRouters: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createRouter: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RouterCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRouter: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The router */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateRouter: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RouterUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteRouter: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchRouter: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["RouterPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouterApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRouterHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRouterOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSecuritygroups: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSecuritygroup: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecuritygroupCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSecuritygroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The securitygroup */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateSecuritygroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecuritygroupUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSecuritygroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchSecuritygroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["SecuritygroupPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecuritygroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSecuritygroupHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSecuritygroupOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServergroups: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createServergroup: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServergroupCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getServergroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The servergroup */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateServergroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServergroupUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteServergroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchServergroup: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ServergroupPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServergroupApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServergroupHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServergroupOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServers: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createServer: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ServerPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    consoleServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How much of its end */
                bytes?: number;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsoleLog"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServerHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServerOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rebootServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resizeServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerResizeInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revertServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerRevertInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    snapshotServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerSnapshotInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    statsServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerStats"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopServer: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listShares: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createShare: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getShare: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The share */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateShare: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteShare: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchShare: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["SharePatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    credentialsShare: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareCredentials"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listShareHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listShareOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSnapshots: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSnapshot: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSnapshot: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The snapshot */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateSnapshot: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSnapshot: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchSnapshot: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["SnapshotPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSnapshotHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSnapshotOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStoragepools: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createStoragepool: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StoragepoolCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStoragepool: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The storagepool */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateStoragepool: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StoragepoolUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteStoragepool: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchStoragepool: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["StoragepoolPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragepoolApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStoragepoolHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStoragepoolOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStoragetiers: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createStoragetier: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StoragetierCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStoragetier: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The storagetier */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateStoragetier: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StoragetierUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteStoragetier: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchStoragetier: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["StoragetierPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragetierApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStoragetierHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStoragetierOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description Id or name; one's own without it */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordReset"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetTotp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listVolumes: {
        parameters: {
            query?: {
                /** @description Project id or full name; all that you see without it */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                after?: string;
                name?: string;
                phase?: "Pending" | "Working" | "Ready" | "Degraded" | "Failed" | "Deleting";
                /** @description Id of the owning object */
                owner?: string;
                /** @description key=value; repeated, all must match */
                label?: string[];
                /** @description path=value with a path from the kind's indexed ones; repeated, all must match */
                field?: string[];
                /** @description FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match */
                filter?: string[];
                /** @description Words that all stand somewhere in the name or in the value of a label, whatever their case */
                search?: string;
                /** @description With - from the top down; without it the order is the one that is quickest, which without filters is that of creation */
                sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                /** @description Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name */
                fields?: string[];
                /** @description Also tells how many there are on all pages; too many to be counted are estimated, and so said to be */
                count?: "exact" | "estimated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; with fields a Selection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeList"];
                    "application/vnd.plaza.selection+json": components["schemas"]["Selection"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createVolume: {
        parameters: {
            query?: {
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeCreate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Created, and ready */
            201: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getVolume: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
            };
            header?: {
                /** @description ETag; 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The volume */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeObject"];
                };
            };
            /** @description It has not changed */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateVolume: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeUpdate"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteVolume: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check whether it could be deleted, and leave it */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchVolume: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                /** @description How long to wait for the operation's end, e.g. 30s or seconds; at most 10m */
                wait?: string;
                /** @description Check it all, quota included, and write nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description The same key does the same request once; kept for 48 hours */
                "Idempotency-Key"?: string;
                /** @description ETag the object must still have; 412 otherwise */
                "If-Match"?: string;
            };
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["VolumePatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Accepted; the operation at Location goes on */
            202: {
                headers: {
                    /** @description Version of the object, for If-Match */
                    ETag?: string;
                    /** @description The operation to follow, or the object made */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeApplied"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listVolumeHistory: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listVolumeOperations: {
        parameters: {
            query?: {
                /** @description Project id or full name, to find the object by name */
                project?: string;
                limit?: number;
                /** @description next of the page before */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Id, or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationList"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watch: {
        parameters: {
            query?: {
                /** @description Names or plurals, joined by commas; all that you may read without it */
                kinds?: string[];
                /** @description Project id or full name */
                project?: string;
                /** @description Revision to start after; 0 starts now */
                after?: number;
            };
            header?: {
                /** @description Sent by browsers that come back; counts instead of after */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events without end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["WatchEvent"];
                };
            };
            /** @description Problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
