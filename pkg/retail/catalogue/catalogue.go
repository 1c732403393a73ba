// Package catalogue is a small deterministic shop: 40 SKUs with Chinese and English names, prices
// in fen, and stock in a distribution centre and a store. The same seed twice changes nothing.
package catalogue

import (
	"context"
	"fmt"
	"net/http"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/product"
)

// Entry is one SKU of the catalogue. Price is in fen; DC and Store are opening quantities.
type Entry struct {
	SKU, Category, ZH, EN, Unit, Barcode string
	Price, DC, Store                     int64
}

// Node codes of the opening stock.
const (
	DC      = "dc-east"
	Store   = "store-001"
	Transit = "transit"
)

var categories = []product.Named{
	{Code: "tea", NameZH: "茶饮", NameEN: "Tea"}, {Code: "snack", NameZH: "零食", NameEN: "Snacks"},
	{Code: "fresh", NameZH: "生鲜", NameEN: "Fresh food"}, {Code: "home", NameZH: "家居", NameEN: "Home"},
}

var names = map[string][][3]string{ // zh, en, unit
	"tea": {{"西湖龙井", "Longjing green tea", "tin"}, {"正山小种", "Lapsang souchong", "tin"}, {"白毫银针", "Silver needle", "tin"},
		{"铁观音", "Tieguanyin oolong", "tin"}, {"普洱熟茶", "Ripe pu'er", "cake"}, {"茉莉花茶", "Jasmine tea", "box"},
		{"大麦茶", "Barley tea", "box"}, {"柠檬红茶", "Lemon black tea", "bottle"}, {"乌龙茶饮", "Oolong drink", "bottle"}, {"菊花茶", "Chrysanthemum tea", "box"}},
	"snack": {{"海苔脆片", "Seaweed crisps", "bag"}, {"牛肉干", "Beef jerky", "bag"}, {"山楂片", "Hawthorn slices", "bag"},
		{"坚果礼盒", "Mixed nuts gift box", "box"}, {"芝麻糖", "Sesame brittle", "bag"}, {"绿豆糕", "Mung bean cake", "box"},
		{"花生酥", "Peanut crunch", "box"}, {"蛋卷", "Egg rolls", "tin"}, {"话梅", "Preserved plums", "jar"}, {"米饼", "Rice crackers", "bag"}},
	"fresh": {{"赣南脐橙", "Gannan navel oranges", "kg"}, {"红富士苹果", "Fuji apples", "kg"}, {"鲜牛奶", "Fresh milk", "bottle"},
		{"土鸡蛋", "Free-range eggs", "box"}, {"东北大米", "Northeast rice", "bag"}, {"三文鱼", "Salmon fillet", "piece"},
		{"上海青", "Pak choi", "bundle"}, {"番茄", "Tomatoes", "kg"}, {"嫩豆腐", "Silken tofu", "box"}, {"猪肉水饺", "Pork dumplings", "bag"}},
	"home": {{"保温杯", "Vacuum flask", "piece"}, {"竹筷", "Bamboo chopsticks", "set"}, {"棉毛巾", "Cotton towel", "piece"},
		{"陶瓷碗", "Porcelain bowl", "piece"}, {"洗手液", "Hand soap", "bottle"}, {"垃圾袋", "Bin bags", "roll"},
		{"晾衣架", "Clothes hangers", "set"}, {"雨伞", "Umbrella", "piece"}, {"香薰蜡烛", "Scented candle", "piece"}, {"收纳盒", "Storage box", "piece"}},
}

// Entries lists the catalogue in the order of its codes.
func Entries() []Entry {
	var out []Entry
	for _, c := range categories {
		for _, n := range names[c.Code] {
			i := int64(len(out) + 1)
			out = append(out, Entry{SKU: fmt.Sprintf("SKU-%03d", i), Category: c.Code, ZH: n[0], EN: n[1], Unit: n[2],
				Barcode: ean13(i), Price: 490 + i*i*37%9000, DC: 200 + i*13%300, Store: 20 + i*7%60})
		}
	}
	return out
}

// ean13 gives the i-th barcode of the in-store range (prefix 200), with its check digit.
func ean13(i int64) string {
	s := fmt.Sprintf("200%09d", i)
	sum := 0
	for n, d := range s {
		sum += int(d-'0') * (1 + 2*(n%2))
	}
	return fmt.Sprintf("%s%d", s, (10-sum%10)%10)
}

// Seed writes the catalogue through the APIs behind client, with stable keys. URL gives the base
// of an app, for example http://product. Quantities of a second run are not added again while the
// first run's keys are remembered (48 hours) or the SKU has stock.
func Seed(ctx context.Context, client *http.Client, url func(app string) string) (int, error) {
	post := func(app, path, key string, body any) error {
		return centre.Call(ctx, client, http.MethodPost, url(app)+path, "seed/"+key, body, nil)
	}
	if err := frame(post); err != nil {
		return 0, err
	}
	for i, e := range Entries() {
		if err := sku(ctx, client, url, post, e); err != nil {
			return i, fmt.Errorf("%s: %w", e.SKU, err)
		}
	}
	return len(Entries()), nil
}

type poster func(app, path, key string, body any) error

func frame(post poster) error {
	for _, c := range categories {
		if err := post(product.App, "/v1/products/categories", "category/"+c.Code, c); err != nil {
			return err
		}
	}
	if err := post(product.App, "/v1/products/brands", "brand/plaza", product.Named{Code: "plaza", NameZH: "广场优选", NameEN: "Plaza Select"}); err != nil {
		return err
	}
	for _, n := range []inventory.Node{
		{Code: DC, Kind: "dc", NameZH: "华东配送中心", NameEN: "East distribution centre", Priority: 10},
		{Code: Store, Kind: "store", NameZH: "一号门店", NameEN: "Store No. 1", Priority: 20},
		{Code: Transit, Kind: "transit", NameZH: "在途", NameEN: "In transit", Priority: 90},
	} {
		if err := post(inventory.App, "/v1/inventory/nodes", "node/"+n.Code, n); err != nil {
			return err
		}
	}
	return nil
}

// sku does what is missing, so that a seed that was cut off can be finished.
func sku(ctx context.Context, client *http.Client, url func(string) string, post poster, e Entry) error {
	var found centre.Page[product.Product]
	if err := centre.Call(ctx, client, http.MethodGet, url(product.App)+"/v1/products?skus="+e.SKU, "", nil, &found); err != nil {
		return err
	}
	if len(found.Items) == 0 {
		found.Items = []product.Product{{}}
		if err := post(product.App, "/v1/products", "sku/"+e.SKU, product.NewProduct{SKU: e.SKU, NameZH: e.ZH, NameEN: e.EN,
			Category: e.Category, Brand: "plaza", Unit: e.Unit, Barcodes: []string{e.Barcode}}); err != nil {
			return err
		}
	}
	if found.Items[0].Price == nil {
		if err := post(product.App, "/v1/products/"+e.SKU+"/prices", "price/"+e.SKU, product.NewPrice{Amount: e.Price, Currency: "CNY"}); err != nil {
			return err
		}
	}
	if !found.Items[0].Published {
		if err := post(product.App, "/v1/products/"+e.SKU+":publish", "publish/"+e.SKU, struct{}{}); err != nil {
			return err
		}
	}
	var have centre.Page[inventory.ATP]
	if err := centre.Call(ctx, client, http.MethodGet, url(inventory.App)+"/v1/inventory/atp?sku="+e.SKU, "", nil, &have); err != nil {
		return err
	}
	if len(have.Items) == 1 && len(have.Items[0].Nodes) > 0 {
		return nil
	}
	return post(inventory.App, "/v1/inventory/receipts", "stock/"+e.SKU, inventory.Receipt{Ref: "seed", Lines: []inventory.Line{
		{SKU: e.SKU, Node: DC, Qty: e.DC}, {SKU: e.SKU, Node: Store, Qty: e.Store}}})
}
