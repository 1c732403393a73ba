import type { cloud as texts } from "./cloud.en";

export const cloud: typeof texts = {
  cloudMenu: { topology: "拓扑", ceph: "Ceph", quotas: "配额", requests: "申请", drift: "漂移", orders: "订购", networkMap: "网络图", storage: "存储" },
  alarms: {
    title: "告警", none: "一切正常", more: "还有更多未列出。", critical: "严重", warning: "警告", count_one: "{{count}} 条告警", count_other: "{{count}} 条告警",
    reasons: { HostSilent: "没有响应", PlaceSilent: "没有响应", StorageHealth: "存储状态异常", NearlyFull: "即将用满", Failed: "失败", Degraded: "与期望不符", Drift: "处差异等待处理", QuotaDifference: "项配额合计与对象实际占用不符", QuotaExceeded: "项配额上限已超出" },
    kinds: { hypervisor: "计算节点", pool: "资源池", quota: "配额" },
  },
  trend: { title: "一周趋势", none: "尚无记录", noneHint: "用量每五分钟记录一次。", told: "{{name}}：当前已用 {{used}}，共 {{capacity}}；一周内最高 {{most}}", now: "{{used}} / {{capacity}}", most: "最高 {{most}}" },
  consumers: { title: "用量最多的项目", none: "还没有项目占用资源", by: "按", of: "占总量的 {{share}}%" },
  quotas: {
    by: { title: "汇总方式", limits: "上限", tenant: "按租户", brand: "按品牌", host: "按主机", application: "按应用", lead: "用量、就绪的对象数量与问题：降级或失败的对象，以及被超出的上限。", none: "这里没有用量", rest: "不属于任何一项", ready: "对象", warnings: "警告" },
    lead: "组织树中每个节点（含其下全部）可占用的上限与实际占用。", metric: "指标", region: "范围", everywhere: "全部", node: "节点", use: "用量", used: "已用", hard: "上限", soft: "警告线", strict: "下级", strictOn: "不可超配", strictOff: "可超配", none: "不限",
    edit: "设置 {{node}} 的上限", save: "设置", cancel: "取消", saved: "{{node}} 的上限已设置", hardHint: "留空则不限", softHint: "超过后仍允许，但会提示", strictHint: "下级上限之和不得超过此上限",
    who: "谁在占用", whoTitle: "{{node}} 的{{metric}}", holder: "对象", amount: "占用", reserved: "其中 {{count}} 为预留", more: "加载更多", nobody: "没有占用", full: "已满", soon: "超过警告线", over: "超出上限",
  },
  requests: {
    mine: "待我审批", asked: "我提交的", open: "未决", all: "全部", none: "没有等待您审批的申请", noneHint: "因配额或权限被拒绝的操作可以提交申请，由有权给予的人在此审批。", noneAll: "没有申请",
    asks: "{{who}} 申请{{verb}}{{kind}} {{name}}", in: "项目 {{project}}", lacks: "所缺", permission: "执行该操作的权限", limit: "{{node}} 的{{metric}}还差 {{missing}}", refusal: "被拒绝的原因", takes: "占用配额", wanted: "批准后的结果", expires: "{{when}}未决则失效", why: "理由", comments: "评论", comment: "评论", commentLabel: "对此发表意见",
    approve: "批准", refuse: "拒绝", withdraw: "撤回", note: "附言", noteHint: "选填；申请人可见", reason: "原因", approved: "已批准", refused: "已拒绝", withdrawn: "已撤回", decidedBy: "{{who}}：{{verdict}}", own: "这是您自己的申请：由他人审批。", notYours: "由有权给予所缺内容的人审批。", result: "结果",
    states: { open: "未决", running: "执行中", done: "已完成", failed: "失败", refused: "已拒绝", withdrawn: "已撤回", expired: "逾期未决" },
  },
  topology: {
    title: "拓扑", picture: "图形", list: "列表", pictureLabel: "各地点、其中的机器以及机器上的服务器；列表以文字给出同样内容", allPlaces: "所有地点", place: "地点", machine: "机器", server: "服务器", bundle: "服务包", anyBundle: "任意服务包", bundleLabel: "突出显示的服务包", more: "服务器过多，未全部显示：请选择地点。", none: "这里还什么都没有", noneHint: "第一台主机、第一个区域或存储集群接入后，地点随之出现。",
    hosts: "{{all}} 台中 {{alive}} 台在线", servers_one: "{{count}} 台服务器", servers_other: "{{count}} 台服务器", alive: "在线", silent: "没有响应", closed: "不接受调度", stale: "没有响应", nowhere: "尚未放置", others: "另有 {{count}} 台属于他方", noServers: "没有服务器", unknownMachine: "机器未知",
    kinds: { site: "站点", region: "区域", cluster: "存储集群" },
  },
  hosts: {
    lead: "运行代理的机器。", load: "负载", memory: "内存", disk: "磁盘", free: "空闲 {{free}}，共 {{all}}", state: "接受调度", open: "是", closed: "否", silent: "无响应", seen: "最近出现", close: "停止接受调度", reopen: "接受调度", closeHint: "已有的继续运行，不再放置新的。", maintain: "维护", maintainHint: "运行手册：停止接受调度并迁走全部服务器。", none: "还没有主机接入",
  },
  baremetal: {
    stage: "部署状态", step: "步骤", since: "自", fault: "故障", error: "最近失败的步骤报告", power: "电源", on: "开", off: "关", usable: "现在可以分配", notUsable: "现在不能分配", maintenance: "维护中", target: "正在转为 {{state}}", hardware: "硬件",
    stages: { enroll: "已登记", manageable: "已检查", available: "可分配", active: "使用中" }, under: "进行中",
  },
  ceph: {
    title: "Ceph", none: "没有存储集群", noneHint: "集群通过其代理接入：", checks: "集群报告的问题", fine: "没有问题", pools: "存储池", pool: "存储池", use: "用途", copies: "副本", erasure: "纠删码", objects: "对象数", stored: "已存", free: "可用", tree: "磁盘", disks_one: "{{count}} 块磁盘", disks_other: "{{count}} 块磁盘", up: "在线", down: "离线", in: "在册", out: "移出", disk: "磁盘", class: "类型", state: "状态", used: "已用", quorum: "达成法定人数的监视器", silent: "没有响应", version: "版本", host: "主机",
  },
  drift: {
    lead: "声明与实际之间的差异。", none: "没有差异", noneHint: "每个地点都会反复比对，差异显示在这里。", seen: "发现于{{when}}", by: "由 {{who}}", declared: "声明", observed: "实际", at: "位于 {{place}}", tenant: "属于 {{tenant}}", fields: "差异之处", twin: "对象本身仍在；请在其云平台移除这一个。", allKinds: "任意类型", allPlaces: "任意地点", more: "仅显示前 {{count}} 条：请在列表中筛选。", asList: "列表",
    types: { missing: "已丢失", changed: "被外部更改", extra: "由他方创建", zombie: "残留" }, typeHints: { missing: "已声明，但不存在", changed: "存在，但与声明不符", extra: "存在，但没有声明", zombie: "带有 Plaza 标记，但没有对应的对象" },
    states: { open: "等待处理", repairing: "修复中", adopting: "接管中", adopted: "已接管", ignored: "保持原样" },
  },
  verify: {
    title: "审计链", lead: "每条记录以哈希与之前的全部记录相连，链的末端带有签名。校验在您的浏览器中逐条进行。", entries: "记录数", hash: "末条哈希", signedAt: "签名时间", key: "本系统公钥", verify: "校验", again: "重新校验", stop: "停止", running: "已校验 {{done}} / {{all}} 条", sound: "全部 {{count}} 条记录与写入时一致，签名属于本系统。", unsigned: "全部 {{count}} 条记录与写入时一致。此浏览器无法校验签名。", broken: "审计链不完整", faultAltered: "第 {{seq}} 条或其前一条被修改", faultMissing: "第 {{seq}} 条之前有缺失", faultDeleted: "第 {{seq}} 条被删除", faultSignature: "签名与末端及公钥不符", faultShort: "末端为第 {{seq}} 条，而最后一条是第 {{last}} 条", offline: "离线校验：plaza audit export，然后 plaza audit verify。", partOnly: "只有可查看全部审计的人才能校验。", stopped: "校验 {{done}} 条后停止：到此为止没有问题。",
  },
  netmap: { title: "网络图", picture: "图形", list: "列表", pictureLabel: "各网络、连接它们的路由器以及其中的服务器；列表以文字给出同样内容", none: "这里还没有网络", noneHint: "服务器需要位于网络之中。", more: "内容过多，未全部显示：请选择项目。", outside: "外部", router: "路由器", joins: "连接", nat: "可访问外部", closed: "封闭", servers: "服务器", empty: "其中没有服务器", address: "地址", floating: "浮动地址", network: "网络", what: "类型", free: "未指向任何服务器的浮动地址", published_one: "已发布 {{count}} 个端口", published_other: "已发布 {{count}} 个端口" },
  orders: {
    title: "订购", lead: "这里可以订购的内容。创建之前都会显示将占用多少。", simple: "最简单的情形", simpleText: "一台服务器，连同网络、防火墙、已发布端口与监控；可附带数据盘。一个订单，先出计划再创建。", order: "订购", ready: "现成的服务", single: "单项资源", quota: "剩余 {{left}}，上限 {{limit}}", used: "已用 {{used}}", full: "配额已用完：请申请更多", noProject: "请先在上方选择项目，以查看配额余量。", nothing: "没有可订购的内容。请向管理员申请成员角色。",
    texts: { server: "一台自己的机器，由镜像创建", volume: "不随服务器消失的磁盘", loadbalancer: "多台服务器前的统一地址", network: "自己的网络", bucket: "S3 接口的对象存储", share: "多台服务器共同挂载的文件系统", floatingip: "外部可访问的地址", nodegroup: "同样的服务器，要多少有多少", dpathenv: "为某一类流量专设的节点", securitygroup: "服务器的防火墙" },
  },
  upload: { title: "上传镜像", file: "文件", fileHint: "本机上的 qcow2 或 raw 磁盘镜像。上传后会比对校验和。", formatHint: "由文件内容识别。", projectHint: "归属的项目。留空则归所有人，仅限运维人员。", begin: "上传", stop: "停止", progress: "已发送 {{sent}}，共 {{all}}。", seconds_one: "剩余约 {{count}} 秒", seconds_other: "剩余约 {{count}} 秒", minutes_one: "剩余约 {{count}} 分钟", minutes_other: "剩余约 {{count}} 分钟", done: "镜像 {{name}} 已上传", stopped: "已停止。已发送的内容保留一天：以相同名称上传同一文件即可继续。", leave: "上传正在进行，离开会中断；已发送的内容保留一天。确定离开？" },
  content: { title: "内容", top: "存储桶", name: "名称", size: "大小", modified: "写入时间", actions: "操作", none: "这里还没有内容", noneHint: "上传文件，或用存储桶的密钥通过任意 S3 客户端写入。", upload: "上传文件", files: "文件", sending: "正在发送", sent: "已发送", close: "关闭", over: "以下内容已存在，要覆盖吗？", overOk: "覆盖", download: "下载", link: "链接", delete: "删除", deleteTitle: "删除 {{name}}？", more: "显示更多", leave: "文件正在发送，离开会中断。确定离开？", linkLead: "持有链接的人无需密钥。链接在到期或更换存储桶密钥之前有效；生成链接会记入审计。", linkFor: "允许", read: "读取", write: "写入", life: "有效期", minutes_one: "{{count}} 分钟", minutes_other: "{{count}} 分钟", hours_one: "{{count}} 小时", hours_other: "{{count}} 小时", linkMake: "生成链接", until: "有效至 {{at}}" },
  bucket: { use: "用量", keys: "密钥", show: "显示密钥", hide: "隐藏密钥", access: "访问密钥", secret: "私有密钥", endpoint: "入口地址", bucket: "存储桶", how: "使用任意 S3 客户端", objects: "对象数", kept: "历史版本", keptYes: "保留", keptNo: "不保留", expire: "对象保留", days_one: "{{count}} 天", days_other: "{{count}} 天", never: "永久", mount: "挂载", clients: "可挂载者", client: "客户端", level: "权限", readOnly: "只读", readWrite: "读写", noClients: "还没有：编辑共享以允许挂载。", copy: "复制" },
};
