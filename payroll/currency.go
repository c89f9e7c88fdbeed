package payroll

import "fmt"

// Currency is an ISO 4217 alphabetic code in upper case, such as "EUR".
type Currency string

// isoCurrencies lists the active ISO 4217 codes of money that a salary can be
// paid in (funds codes, metals and test codes are left out). The value is the
// minor unit: the number of decimal digits. CLDR's table, which Go's x/text
// carries, gives cash rounding instead (0 digits for RSD or IQD) and is no use.
var isoCurrencies = minorUnits(map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD " +
		"CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD " +
		"HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK " +
		"MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB " +
		"SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD " +
		"UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
	3: "BHD IQD JOD KWD LYD OMR TND",
})

func minorUnits(byDigits map[int]string) map[Currency]int {
	units := make(map[Currency]int)
	for digits, codes := range byDigits {
		for i := 0; i+3 <= len(codes); i += 4 {
			units[Currency(codes[i:i+3])] = digits
		}
	}
	return units
}

// ParseCurrency checks that code is an active ISO 4217 code in upper case.
func ParseCurrency(code string) (Currency, error) {
	if _, ok := isoCurrencies[Currency(code)]; !ok {
		return "", fmt.Errorf("%w: not an ISO 4217 currency code; write it as three capital letters, such as EUR", ErrInvalid)
	}
	return Currency(code), nil
}

// MinorUnits is the number of decimal digits of the currency by ISO 4217: 2
// for EUR, 0 for JPY, 3 for KWD. An unknown currency has 2.
func (c Currency) MinorUnits() int {
	if digits, ok := isoCurrencies[c]; ok {
		return digits
	}
	return 2
}
