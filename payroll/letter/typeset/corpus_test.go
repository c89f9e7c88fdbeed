package typeset

// Corpus are names and labels in the scripts that a payroll meets, as people type
// them, with the language of who reads them.
var Corpus = []struct {
	Script, Language string
	Texts            []string
}{
	{"latin", "en", []string{"Ada Lovelace", "AVATAR Wave To.", "Łukasz Žižka", "Ğüneş Şahin", "Ștefan Țîrcă", "Zoë Ångström", "Ñuño Núñez", "Þórdís Æðalsteinsdóttir",
		"Małgorzata Wiśniewska-Kowalczyk", "Jean-François L’Hôpital", "Basic pay", "Overtime 10 h × 1.5", "Office affiliate fifth shuffle", "Ọláolúwa Ṣọ́lá", "Māori Whānau", "Dvořák, Jiří (Dr.)"}},
	{"german", "de", []string{"Größe Straße GROẞ", "Kirchensteuer", "Solidaritätszuschlag", "Arbeitslosenversicherung", "Müller-Lüdenscheidt"}},
	{"french", "fr", []string{"Œuvre sœur", "Sécurité sociale – déplafonnée", "Montant net social", "« net à payer »"}},
	{"turkish", "tr", []string{"İstanbul Iğdır fifi", "Çağla Şıvgın", "Ücret"}},
	{"vietnamese", "vi", []string{"Nguyễn Thị Hạnh", "Đặng Văn Lâm", "Phạm Ngọc Ánh", "Trần Quốc Vượng", "Lương cơ bản", "Phụ cấp ăn trưa", "Vũ Thị Tuyết"}},
	{"cyrillic", "ru", []string{"Екатерина Щербакова", "Ґалаґан Їжакевич", "Юрий Гагарин", "Оклад", "Налог на доходы", "Тарас Шевченко", "Ђорђе Љубичић", "Ғани Мұратбаев", "ТАТА УДТ Г."}},
	{"greek", "el", []string{"Γεώργιος Παπαδόπουλος", "Μισθός", "Άννα Ώριμη", "ΑΥΤΟ ΤΟ ΡΑ", "Ελευθέριος Βενιζέλος"}},
	{"hebrew", "he", []string{"יוסף בן־דוד", "שכר ברוטו", "מִרְיָם כֹּהֵן", "ביטוח לאומי (ב)"}},
	{"arabic", "ar", []string{"محمد عبد الله الخوارزمي", "فاطمة الزهراء", "الراتب الأساسي", "بدل سكن", "لا إله", "مُحَمَّد", "ٱللَّه", "رقم (ب)", "رقم 12"}},
	{"persian", "fa", []string{"علی\u200cرضا پیمان", "گیتی ژاله", "حقوق پایه", "می\u200cخواهم"}},
	{"urdu", "ur", []string{"محمد عمران خان", "بنیادی تنخواہ", "ٹیکس کٹوتی"}},
	{"devanagari", "hi", []string{"क्षत्रिय प्रिया शर्मा", "ज्ञानेश्वर", "मूल वेतन", "भविष्य निधि", "श्रीकृष्ण द्विवेदी", "हिन्दी कर्त्ता", "राष्ट्रीय", "ऑफ़िस", "किंकर्तव्यविमूढ़"}},
	{"marathi", "mr", []string{"ज्ञानेश्वर कुळकर्णी", "दऱ्या"}},
	{"bengali", "bn", []string{"শ্রীমতী রাধা", "রবীন্দ্রনাথ ঠাকুর", "মূল বেতন", "কৃষ্ণেন্দু", "উৎসব ভাতা", "জ্যোতি"}},
	{"gurmukhi", "pa", []string{"ਹਰਪ੍ਰੀਤ ਸਿੰਘ", "ਮੂਲ ਤਨਖਾਹ"}},
	{"gujarati", "gu", []string{"નરેન્દ્ર પટેલ", "શ્રીમતી ક્ષમા"}},
	{"oriya", "or", []string{"ଜଗନ୍ନାଥ ମିଶ୍ର"}},
	{"tamil", "ta", []string{"ஸ்ரீனிவாசன் கௌரி", "அடிப்படை ஊதியம்", "கொற்றவை", "லட்சுமி"}},
	{"telugu", "te", []string{"శ్రీనివాస్ రెడ్డి", "లక్ష్మీ", "మూల వేతనం", "కృష్ణమూర్తి"}},
	{"kannada", "kn", []string{"ಕೃಷ್ಣಪ್ಪ ಶ್ರೀನಿವಾಸ", "ಮೂಲ ವೇತನ"}},
	{"malayalam", "ml", []string{"ശ്രീകുമാർ കൃഷ്ണൻ", "അടിസ്ഥാന ശമ്പളം"}},
	{"sinhala", "si", []string{"ශ්\u200dරී ලංකා ප්\u200dරියන්ත", "මූලික වැටුප"}},
	{"thai", "th", []string{"กิตติศักดิ์ น้ำเพชร", "เงินเดือน", "ณัฐวุฒิ ปั้นคำ", "ประกันสังคม", "ผู้ที่ยิ่งใหญ่"}},
	{"lao", "lo", []string{"ບຸນມີ ສີຫາລາດ"}},
	{"khmer", "km", []string{"សុភាព ស្រីពេជ្រ"}},
	{"myanmar", "my", []string{"အောင်ဆန်းစုကြည်"}},
	{"armenian", "hy", []string{"Արամ Խաչատրյան"}},
	{"georgian", "ka", []string{"შოთა რუსთაველი"}},
	{"ethiopic", "am", []string{"አበበ ቢቂላ"}},
	{"chinese", "zh-CN", []string{"王小明", "张伟", "基本工资", "住房公积金（个人）", "令狐冲、欧阳锋"}},
	{"chinese-tw", "zh-TW", []string{"張偉", "勞工保險費", "基本薪資"}},
	{"japanese", "ja", []string{"山田太郎", "さくら コウ", "基本給", "雇用保険料", "渡邉 髙橋", "ハルコガ゙"}},
	{"korean", "ko", []string{"김철수", "박지영", "기본급", "국민연금"}},
	{"money", "en", []string{"₹1,23,456.00", "1.234,50 ₺", "−€20.05", "CHF 1’234.50", "1 234,50 zł"}},
	{"mixed", "en", []string{"John 王小明 Smith", "प्रिया (HR) 12", "Joe محمد"}},
}
