/** Chinese for the names of fields and columns that the server alone knows, besides the common ones in zh.ts; columns stand in lower case. */
export const fields: Record<string, string> = {
  // what any kind may have
  state: "状态", reason: "原因", error: "错误", message: "消息", detail: "详情", health: "健康", region: "区域", kind: "类型", object: "对象", objectId: "对象 ID", objectName: "对象", node: "组织节点", place: "位置", placeName: "位置", city: "城市", latitude: "纬度", longitude: "经度",
  at: "时间", by: "操作者", user: "用户", from: "从", to: "到", on: "在", until: "截止", expires: "到期", expiresAt: "到期时间", wanted: "期望", verb: "动作", action: "动作", comment: "说明", comments: "评论", text: "内容", question: "问题", verdict: "决定", decision: "决定", decisions: "决定", facts: "信息", fields: "字段", input: "输入", default: "默认值", doc: "说明", summary: "摘要", builtin: "内置", enabled: "启用", selector: "标签选择", tenant: "租户", tenantName: "租户", project: "项目", password: "密码", username: "用户名", url: "URL", document: "文档", mode: "模式", class: "类别", last: "上次", next: "下次", every: "间隔", timeout: "超时", interval: "间隔", most: "最多", percent: "百分比", what: "内容",
  // servers and flavors
  cpuPercent: "CPU 百分比", cpuWeight: "CPU 权重", "cpu %": "CPU %", diskIOPS: "磁盘 IOPS", diskMibps: "磁盘 MiB/s", networkMbps: "网络 Mbit/s", iops: "IOPS", mibps: "MiB/s", "mib/s": "MiB/s", measured: "实测", serverGroup: "服务器组", locked: "已锁定", live: "热迁移", migrate: "迁移", sharedWith: "共享给", with: "给谁", rebuild: "重建", resize: "变更规格", revert: "回滚", rescue: "救援", snapshots: "快照", withServer: "随服务器删除", keep: "保留", adopted: "接管自", visibility: "可见性", cards: "网卡", inUse: "使用中", routed: "已路由", put: "写入", remove: "移除", updatePolicy: "更新策略",
  // networks and load balancers
  networks: "网络", joined: "已连接", interfaces: "接口", interface: "接口", macs: "MAC", floatingCIDRs: "浮动地址段", externalNetwork: "外部网络", listeners: "监听器", algorithm: "算法", check: "健康检查", rise: "恢复所需次数", fall: "判故障次数", public: "对外", bootSeconds: "启动秒数", everySeconds: "间隔秒数", failures: "失败次数", up: "正常", well: "健康", "latency ms": "延迟 ms", latencyMs: "延迟 ms",
  // hosts, regions, machines
  roles: "角色", drift: "漂移", reservedFor: "保留给", pooled: "计入资源池", resourceClass: "资源类别", provision: "部署状态", step: "步骤", steps: "步骤", usable: "可用", fault: "故障", driver: "驱动", driverInfo: "驱动信息", args: "参数", rescuePassword: "救援密码", before: "之前", ask: "请求", askedAt: "请求于", authURL: "认证地址", caCert: "CA 证书", projectDomain: "项目域", userDomain: "用户域", notifications: "通知",
  // storage
  cluster: "存储集群", clusters: "存储集群", bucket: "存储桶", objects: "对象数", used: "已用", usedBytes: "已用", stored: "已存", storedBytes: "已存", free: "空闲", freeBytes: "空闲", quotaGiB: "上限 GiB", expireDays: "过期天数", versioning: "保留旧版本", purgeOnDelete: "删除时清空", retiredKey: "停用的密钥", accessKey: "访问密钥", secretKey: "私密密钥", overcommitPercent: "超配百分比", application: "用途", pool: "存储池", replicas: "副本数", dataChunks: "数据块", codingChunks: "校验块", deviceClass: "设备类别", failureDomain: "故障域", pgs: "归置组", classes: "类别", placement: "放置", access: "访问权", fs: "文件系统",
  // drift, requests, placement
  difference: "差异", backend: "后端", backendName: "后端名称", declared: "声明", observed: "实际", firstSeen: "首次发现", twin: "同名者", missing: "缺失", changed: "已改", extra: "多余", zombie: "残留", adopt: "接管", repair: "修复", ignore: "忽略", body: "请求内容", charges: "占用", needs: "所缺", method: "方法", permission: "权限", refusal: "拒绝原因", limits: "上限", metric: "指标", prefer: "优先", over: "分散于", near: "靠近", within: "范围之内", only: "只限", exclusive: "独占",
  // schedules and runbooks
  cron: "Cron", jitter: "随机延迟", missed: "错过的", timeZone: "时区", daily: "每日", weekly: "每周", monthly: "每月", runbook: "运维手册", runbookId: "运维手册", approval: "审批", command: "命令", arguments: "参数", idempotent: "可重复执行", run: "运行", start: "启动", cordon: "停止调度", uncordon: "恢复调度", evacuate: "疏散", restartAgent: "重启代理", rotateKey: "轮换密钥", wait: "等待", ssh: "SSH", hostKey: "主机密钥", parallel: "并行数", otherwise: "否则", do: "做什么", onFailure: "失败时", retry: "重试", times: "次数", backoffSeconds: "重试间隔秒数", timeoutSeconds: "超时秒数", undo: "撤销", pattern: "格式", values: "可选值", field: "字段", is: "等于",
  // parameters of the bundled blueprints
  dataGiB: "数据盘 GiB", checkPath: "检查路径", checkEverySeconds: "检查间隔秒数", checkFailures: "判定故障的失败次数", adminPassword: "数据库管理员密码", operatorToken: "运营令牌", secret: "密钥", prefix: "前缀", dbTier: "数据库存储等级", entryListen: "入口地址",
  // configurations and call chains
  applied: "已采用", refused: "已拒绝", rehearsal: "演练", simulators: "模拟器",
};
