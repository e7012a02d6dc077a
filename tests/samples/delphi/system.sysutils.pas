{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.SysUtils;

{$mode delphi}{$H+}

interface

uses
  SysUtils;

const
  CP_UTF8 = 65001;
  rfReplaceAll = SysUtils.rfReplaceAll;
  ffGeneral = SysUtils.ffGeneral;

type
  Exception = SysUtils.Exception;
  TBytes = SysUtils.TBytes;
  TEncoding = SysUtils.TEncoding;
  TReplaceFlags = SysUtils.TReplaceFlags;
  TFloatFormat = SysUtils.TFloatFormat;
  TFormatSettings = record
    class function Invariant: TFormatSettings; static;
  end;
  TCharSet = set of AnsiChar;

function IntToStr(Value: Int64): string;
function IntToHex(Value: Int64; Digits: Integer): string;
function TryStrToInt(const Text: string; out Value: Integer): Boolean;
function TryStrToInt64(const Text: string; out Value: Int64): Boolean;
function StringReplace(const Text, Old, New: string; Flags: TReplaceFlags): string;
function FloatToStrF(Value: Double; Format: TFloatFormat; Precision, Digits: Integer; const Settings: TFormatSettings): string;
function GetEnvironmentVariable(const Name: string): string;
function CharInSet(C: Char; const Chars: TCharSet): Boolean;
function Now: TDateTime;
procedure Sleep(Milliseconds: Cardinal);
function BoolToStr(Value, UseBoolStrs: Boolean): string;
function LowerCase(const Text: string): string;

implementation

class function TFormatSettings.Invariant: TFormatSettings; begin FillChar(Result, SizeOf(Result), 0); end;
function IntToStr(Value: Int64): string; begin Result := SysUtils.IntToStr(Value); end;
function IntToHex(Value: Int64; Digits: Integer): string; begin Result := SysUtils.IntToHex(Value, Digits); end;
function TryStrToInt(const Text: string; out Value: Integer): Boolean; begin Result := SysUtils.TryStrToInt(Text, Value); end;
function TryStrToInt64(const Text: string; out Value: Int64): Boolean; begin Result := SysUtils.TryStrToInt64(Text, Value); end;
function StringReplace(const Text, Old, New: string; Flags: TReplaceFlags): string;
begin
  Result := SysUtils.StringReplace(Text, Old, New, Flags);
end;
function FloatToStrF(Value: Double; Format: TFloatFormat; Precision, Digits: Integer; const Settings: TFormatSettings): string;
begin
  Result := SysUtils.FloatToStrF(Value, Format, Precision, Digits);
end;
function GetEnvironmentVariable(const Name: string): string; begin Result := SysUtils.GetEnvironmentVariable(Name); end;
function CharInSet(C: Char; const Chars: TCharSet): Boolean; begin Result := C in Chars; end;
function Now: TDateTime; begin Result := SysUtils.Now; end;
procedure Sleep(Milliseconds: Cardinal); begin SysUtils.Sleep(Milliseconds); end;

function BoolToStr(Value, UseBoolStrs: Boolean): string; begin Result := SysUtils.BoolToStr(Value, UseBoolStrs); end;
function LowerCase(const Text: string): string; begin Result := SysUtils.LowerCase(Text); end;

end.
